import { AllowedFailure, RunFuture } from './future.ts'
import { isTaskMap } from './task-map.ts'

/** How deep arguments are searched for futures: deep enough for what people pass, bounded for what they do not mean to. */
const DEPTH_MAX = 8

/** The futures a call must wait for, found in its arguments and in `waitFor`. A failure that is allowed does not reject. */
export function dependenciesOf(args: readonly unknown[], waitFor: readonly unknown[]): readonly PromiseLike<unknown>[] {
  const found: PromiseLike<unknown>[] = []
  for (const arg of args) collect(arg, found, 0)
  for (const future of waitFor) collect(future, found, 0)
  return found
}

function collect(value: unknown, into: PromiseLike<unknown>[], depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof RunFuture || isTaskMap(value)) into.push(value)
  else if (value instanceof AllowedFailure) into.push(value.future.state())
  else if (depth >= DEPTH_MAX) return
  else if (Array.isArray(value)) for (const item of value) collect(item, into, depth + 1)
  else if (isPlain(value)) for (const item of Object.values(value)) collect(item, into, depth + 1)
}

/** Arguments with every future replaced by its result, and every allowed failure by the future's state. */
export async function resolveArguments(args: readonly unknown[]): Promise<readonly unknown[]> {
  return Promise.all(args.map((arg) => resolve(arg, 0)))
}

async function resolve(value: unknown, depth: number): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof AllowedFailure) return value.future.state()
  if (value instanceof RunFuture || isTaskMap(value)) return value
  if (depth >= DEPTH_MAX || dependenciesOf([value], []).length === 0) return value
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolve(item, depth + 1)))
  const entries = await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await resolve(item, depth + 1)] as const))
  return Object.fromEntries(entries)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
