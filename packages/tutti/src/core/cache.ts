import { canonicalText } from './canonical.ts'
import type { DataOfInstance } from './canonical.ts'
import { parseDuration } from './duration.ts'
import type { Duration } from './duration.ts'
import { TuttiError } from './errors.ts'
import { after } from './time.ts'
import type { Instant } from './time.ts'

/**
 * What makes two calls of a task equal for its cache:
 * - `inputs`: the arguments;
 * - `task-source`: the text of the function, so that a changed function starts over;
 * - `flow-parameters`: the parameters of the flow run;
 * - `run`: the flow run, so that results are shared inside one run only.
 */
export type CachePart = 'inputs' | 'task-source' | 'flow-parameters' | 'run'

/** What a function that makes cache keys is told. */
export interface CacheContext<Args extends readonly unknown[] = readonly unknown[]> {
  readonly taskName: string
  readonly args: Args
  readonly flowParameters: unknown
  readonly flowRunId: string
}

/** Makes the key, or a part of it. `undefined`: this call is not cached. */
export type CacheKeyFunction<Args extends readonly unknown[] = readonly unknown[]> = (context: CacheContext<Args>) => string | undefined

export interface CacheOptions<Args extends readonly unknown[] = readonly unknown[]> {
  /** One part or several together. A function alone makes the whole key, which is then shared by all tasks that make the same. */
  readonly by: CachePart | CacheKeyFunction<Args> | readonly (CachePart | CacheKeyFunction<Args>)[]
  /** How long a result may be taken. Default: for ever. */
  readonly expires?: Duration
  /** `true`: run anyway, and put the new result into the cache. */
  readonly refresh?: boolean
}

/** Cache options, read and checked. */
export interface CachePolicy {
  readonly by: readonly (CachePart | CacheKeyFunction)[]
  readonly expiresMs: number | null
  readonly refresh: boolean
}

export const CACHE_KEY_MAX_LENGTH = 2_000

const PARTS: readonly unknown[] = ['inputs', 'task-source', 'flow-parameters', 'run'] satisfies readonly CachePart[]

/** @throws `INVALID_CACHE`, `INVALID_DURATION` */
export function cachePolicy<Args extends readonly unknown[]>(options: CacheOptions<Args>, taskName: string): CachePolicy {
  // The engine calls the functions with the arguments of this very task.
  const by = (Array.isArray(options.by) ? options.by : [options.by]) as readonly (CachePart | CacheKeyFunction)[]
  if (by.length === 0) throw new TuttiError('INVALID_CACHE', `cache of task ${taskName}: by is empty`)
  for (const part of by) {
    if (typeof part !== 'function' && !PARTS.includes(part))
      throw new TuttiError('INVALID_CACHE', `cache of task ${taskName}: by has the unknown part '${String(part)}'`)
  }
  return {
    by,
    expiresMs: options.expires === undefined ? null : parseDuration(options.expires, `cache.expires of task ${taskName}`),
    refresh: options.refresh ?? false,
  }
}

/** When a result stored now stops being taken; `null`: never. */
export function cacheExpiry(policy: CachePolicy, now: Instant): Instant | null {
  return policy.expiresMs === null ? null : after(now, policy.expiresMs)
}

export interface CacheFacts extends CacheContext {
  readonly taskKey: string
  readonly taskSource: string
}

export type CacheKey =
  /** The key as it is. */
  | { readonly type: 'key'; readonly key: string }
  /** The key is the hash of this text. */
  | { readonly type: 'text'; readonly text: string }
  /** This call has no key; why, unless the user's function wanted it so. */
  | { readonly type: 'none'; readonly reason: string | null }

/**
 * What the cache key of a call is made of.
 *
 * @throws what the user's function throws, `INVALID_CACHE` when its answer is no text, `CACHE_KEY_TOO_LONG`.
 */
export function cacheKey(policy: CachePolicy, facts: CacheFacts, dataOf?: DataOfInstance): CacheKey {
  const [only] = policy.by
  if (policy.by.length === 1 && typeof only === 'function') {
    const key = ask(only, facts)
    return key === undefined ? { type: 'none', reason: null } : { type: 'key', key }
  }
  const parts: unknown[] = ['cache', facts.taskKey]
  for (const part of policy.by) {
    const value = typeof part === 'function' ? ask(part, facts) : valueOf(part, facts)
    if (typeof part === 'function' && value === undefined) return { type: 'none', reason: null }
    parts.push(typeof part === 'function' ? 'function' : part, value)
  }
  const canonical = canonicalText(parts, undefined, dataOf)
  if ('text' in canonical) return { type: 'text', text: canonical.text }
  return { type: 'none', reason: withoutPosition(canonical.unhashable, parts) }
}

function valueOf(part: CachePart, facts: CacheFacts): unknown {
  switch (part) {
    case 'inputs':
      return facts.args
    case 'task-source':
      return facts.taskSource
    case 'flow-parameters':
      return facts.flowParameters
    case 'run':
      return facts.flowRunId
  }
}

function ask(make: CacheKeyFunction, { taskName, args, flowParameters, flowRunId }: CacheFacts): string | undefined {
  // Typed as text, but plain JavaScript can answer anything, for example a promise.
  const key: unknown = make({ taskName, args, flowParameters, flowRunId })
  if (key === undefined || key === null) return undefined
  if (typeof key !== 'string' || key === '')
    throw new TuttiError('INVALID_CACHE', `the cache function of task ${taskName} answered with ${String(key) || 'empty text'}`)
  if (key.length > CACHE_KEY_MAX_LENGTH) {
    throw new TuttiError(
      'CACHE_KEY_TOO_LONG',
      `the cache key of task ${taskName} has ${key.length} characters; at most ${CACHE_KEY_MAX_LENGTH} are allowed`,
    )
  }
  return key
}

/** `arguments[3][0].f is a function` counts our own parts: people know them by name. */
function withoutPosition(problem: string, parts: readonly unknown[]): string {
  return problem.replace(/^arguments\[(\d+)\]/, (_, index: string) => {
    const part = parts[Number(index) - 1]
    return part === 'inputs' ? 'arguments' : String(part)
  })
}
