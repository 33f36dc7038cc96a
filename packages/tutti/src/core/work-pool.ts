import { JsonText, plainJson } from './literal-json.ts'
import type { Instant } from './time.ts'

export type PoolStatus = 'ready' | 'not-ready' | 'paused'

/** Due runs for one kind of infrastructure, in queues by priority. */
export interface WorkPool {
  readonly id: string
  readonly name: string
  readonly description: string | null
  /** The kind of worker that serves it: `process`, `docker`. */
  readonly type: string
  /** `{}`, or what a job of this pool is made from: `job_configuration`, and the `variables` that may be filled in. */
  readonly baseJobTemplate: JsonText
  readonly isPaused: boolean
  readonly concurrencyLimit: number | null
  /** `null`: nobody tells whether it is served. */
  readonly status: PoolStatus | null
  readonly defaultQueueId: string
  readonly storage: JsonText
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface WorkQueue {
  readonly id: string
  readonly poolId: string
  readonly name: string
  readonly description: string | null
  readonly isPaused: boolean
  readonly concurrencyLimit: number | null
  /** 1 goes first; two queues of a pool never have the same. */
  readonly priority: number
  /** What older clients choose runs by. */
  readonly filter: JsonText | null
  readonly status: PoolStatus
  readonly lastPolledAt: Instant | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export const DEFAULT_QUEUE = 'default'
export const DEFAULT_QUEUE_DESCRIPTION = "The work pool's default queue."
/** Where queues are that were made without a pool. */
export const AGENT_POOL = 'default-agent-pool'
/** Pools of this type are served by whoever asks; nobody reports for them. */
export const AGENT_TYPE = 'prefect-agent'
export const NO_STORAGE = new JsonText('{"bundle_upload_step":null,"bundle_execution_step":null,"default_result_storage_block_id":null}')
/** How long a queue counts as served after somebody asked it for work. */
export const POLLED_S = 60

export function isReservedPool(name: string): boolean {
  return name.toLowerCase().startsWith('prefect')
}

/** The status of a pool whose pause, type or workers changed. */
export function poolStatus({ type, isPaused }: Pick<WorkPool, 'type' | 'isPaused'>, isServed: boolean): PoolStatus | null {
  if (isPaused) return 'paused'
  if (type === AGENT_TYPE) return null
  return isServed ? 'ready' : 'not-ready'
}

export function queueStatus({ isPaused, lastPolledAt }: Pick<WorkQueue, 'isPaused' | 'lastPolledAt'>, now: Instant): PoolStatus {
  if (isPaused) return 'paused'
  return lastPolledAt !== null && now - lastPolledAt <= POLLED_S * 1_000_000 ? 'ready' : 'not-ready'
}

/** The first priority that no queue has. */
export function freePriority(queues: readonly Pick<WorkQueue, 'priority'>[]): number {
  const taken = new Set(queues.map(({ priority }) => priority))
  let free = 1
  while (taken.has(free)) free += 1
  return free
}

/** Which queues must move, and where to, so that one more can have a priority: those in its way go down, gaps are filled first. */
export function makeRoom(others: readonly Pick<WorkQueue, 'id' | 'priority'>[], priority: number): ReadonlyMap<string, number> {
  const moved = new Map<string, number>()
  let taken = priority
  for (const queue of others.toSorted((one, other) => one.priority - other.priority)) {
    if (queue.priority < priority) continue
    if (queue.priority > taken) break
    taken += 1
    moved.set(queue.id, taken)
  }
  return moved
}

const PLACEHOLDER = /\{\{\s*([\w.-]+)\s*\}\}/g

/** What is wrong with a base job template, in words; `undefined` when nothing is. */
export function templateProblem(template: JsonText): string | undefined {
  const { job_configuration: configuration, variables, ...rest } = template.plain() as Record<string, unknown> // an object: so it was read
  if (configuration === undefined && variables === undefined && Object.keys(rest).length === 0) return undefined
  if (!isObject(configuration) || !isObject(variables))
    return 'The `base_job_template` must contain both a `job_configuration` key and a `variables` key.'
  const properties = isObject(variables['properties']) ? variables['properties'] : {}
  const undeclared = [...new Set(placeholders(configuration))].filter((name) => !(name in properties)).toSorted()
  if (undeclared.length === 0) return undefined
  return (
    'The variables specified in the job configuration template must be present as properties in the variables schema. ' +
    `Your job configuration uses the following undeclared variable(s): ${undeclared.join(', ')}.`
  )
}

/** The names in `{{ name }}`; those of blocks and variables of the workspace are filled in elsewhere. */
function placeholders(value: unknown): readonly string[] {
  if (typeof value === 'string')
    return [...value.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '').filter((name) => !name.startsWith('prefect.'))
  if (Array.isArray(value)) return value.flatMap(placeholders)
  return isObject(value) ? Object.values(value).flatMap(placeholders) : []
}

/** The schema that the job variables of a pool must fit, `undefined` when it has none. */
export function variablesSchema(template: JsonText): Readonly<Record<string, unknown>> | undefined {
  const { variables } = plainJson(template.plain()) as Record<string, unknown> // as above
  return isObject(variables) ? variables : undefined
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
