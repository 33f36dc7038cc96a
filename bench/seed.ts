// A database as it is after months of use, written through the store's own tables:
// `node --conditions=tutti-source bench/seed.ts file:PATH|postgres://… [--flow-runs 1000000] [--task-runs 10]`
import { parseArgs } from 'node:util'
import type { FlowRun } from '../packages/tutti/src/core/flow-run.ts'
import { createIds } from '../packages/tutti/src/core/id.ts'
import { JsonText } from '../packages/tutti/src/core/literal-json.ts'
import { defaultStateName } from '../packages/tutti/src/core/state.ts'
import type { State, StateType } from '../packages/tutti/src/core/state.ts'
import type { LogRecord } from '../packages/tutti/src/core/log.ts'
import type { Checkpoint } from '../packages/tutti/src/core/task-run.ts'
import type { Store } from '../packages/tutti/src/store/port.ts'
import { openStore } from '../packages/tutti/src/store/open.ts'
import { systemClock } from '../packages/tutti/src/system/clock.ts'
import { seededRandom } from '../packages/tutti/src/testing/seeded-random.ts'

export interface SeedOptions {
  readonly flowRuns: number
  readonly taskRunsPerFlowRun: number
  /** By default `flow-0` to `flow-49`. */
  readonly flowNames?: readonly string[]
  /** How long ago the first run was. By default 90. */
  readonly days?: number
  /** The end of the time that is filled. By default the present. */
  readonly now?: number
}

export interface Seeded {
  readonly flowRuns: number
  readonly taskRuns: number
  readonly seconds: number
  readonly sizeMb: number
  /** Some runs to ask for, all over the time. */
  readonly flowRunIds: readonly string[]
  readonly flowIds: readonly string[]
}

const FLOW_NAMES = Array.from({ length: 50 }, (_, index) => `flow-${index}`)
const DAYS = 90
const DAY_US = 86_400_000_000
const FLOW_RUNS_PER_TRANSACTION = 500
const SAMPLES = 200
const QUARTERS_PER_TRANSACTION = 16
const LOG_LINES_PER_FLOW_RUN = 3
const TAGS = ['nightly', 'prod', 'staging', 'team-data', 'team-web', 'backfill']

/** Most runs are well. */
const OUTCOMES: readonly (readonly [StateType, number])[] = [
  ['completed', 0.92],
  ['failed', 0.05],
  ['cancelled', 0.015],
  ['crashed', 0.015],
]

/** Fills a new database, oldest runs first. `file:PATH` or `postgres://…` */
export async function seed(
  url: string,
  { flowRuns, taskRunsPerFlowRun, flowNames = FLOW_NAMES, days = DAYS, now: until }: SeedOptions,
): Promise<Seeded> {
  const clock = systemClock()
  const database = url.startsWith('file:')
    ? { type: 'sqlite' as const, path: url.slice('file:'.length) }
    : { type: 'postgres' as const, url }
  const store = await openStore({ database, durability: 'normal', busyTimeoutMs: 30_000, clock })
  const startedAt = performance.now()
  const random = seededRandom(7)
  const now = until ?? clock.now()
  let at = now - days * DAY_US
  const ids = createIds(() => at, random)
  const flowIds = await makeFlows(store, flowNames, () => ids.next(), at)
  const stepUs = Math.floor((days * DAY_US) / flowRuns)
  const samples: string[] = []
  for (let made = 0; made < flowRuns; made += FLOW_RUNS_PER_TRANSACTION) {
    const batch = Math.min(FLOW_RUNS_PER_TRANSACTION, flowRuns - made)
    await store.write(function* () {
      const { tables } = store
      const checkpoints: Checkpoint[] = []
      const lines: LogRecord[] = []
      for (let index = made; index < made + batch; index++) {
        at += stepUs
        const flow = Math.floor(random.next() ** 2 * flowNames.length)
        const { run, states } = flowRunAt(ids.next(), flowIds[flow]!, flowNames[flow]!, at, random.next(), () => ids.next())
        yield* tables.flowRuns.insert(run, states)
        if (index % Math.ceil(flowRuns / SAMPLES) === 0) samples.push(run.id)
        for (let line = 0; line < LOG_LINES_PER_FLOW_RUN; line++) lines.push(logLineOf(ids.next(), run, line))
        for (let task = 0; task < taskRunsPerFlowRun; task++) checkpoints.push(taskRunOf(run, task, ids.next(), () => ids.next()))
      }
      if (checkpoints.length > 0) yield* tables.taskRuns.saveAll(checkpoints)
      for (const line of lines) yield* tables.logs.append(line)
    })
  }
  // As the services of a server have done while the months went by.
  while (await store.write(() => store.tables.runCounts.count(clock.now(), QUARTERS_PER_TRANSACTION)));
  const { sizeBytes } = await store.info()
  // PostgreSQL would look at the tables by itself, a while after they were filled.
  if (database.type === 'postgres') await store.vacuum()
  await store.close()
  const seconds = (performance.now() - startedAt) / 1000
  return {
    flowRuns,
    taskRuns: flowRuns * taskRunsPerFlowRun,
    seconds: Math.round(seconds * 10) / 10,
    sizeMb: Math.round(sizeBytes / 2 ** 20),
    flowRunIds: samples,
    flowIds,
  }
}

async function makeFlows(store: Store, names: readonly string[], nextId: () => string, at: number): Promise<readonly string[]> {
  return store.write(function* () {
    const made: string[] = []
    for (const name of names) {
      const id = nextId()
      yield* store.tables.flows.insert({ id, name, tags: [], labels: new JsonText('{}'), createdAt: at, updatedAt: at })
      made.push(id)
    }
    return made
  })
}

function flowRunAt(
  id: string,
  flowId: string,
  flowName: string,
  at: number,
  luck: number,
  nextId: () => string,
): { readonly run: FlowRun; readonly states: readonly State[] } {
  const startedAt = at + 1_000_000
  const endedAt = startedAt + Math.floor(luck * 600_000_000)
  const state = (type: StateType, timestamp: number): State =>
    type === 'scheduled'
      ? { id: nextId(), type, name: defaultStateName(type), timestamp, message: null, scheduledFor: timestamp }
      : { id: nextId(), type, name: defaultStateName(type), timestamp, message: null }
  const states = [state('pending', at), state('running', startedAt), state(outcomeOf(luck), endedAt)]
  const run: FlowRun = {
    id,
    flowId,
    flowName,
    name: `run-${id.slice(-6)}`,
    version: null,
    entrypoint: null,
    tags: TAGS.filter((_, index) => Math.floor(luck * 1000) % (index + 2) === 0),
    parameters: { format: 'json', text: '{"day":"2026-01-31","limit":1000}' },
    idempotencyKey: null,
    parentTaskRunId: null,
    rootId: id,
    policy: { retries: 0, crashRestarts: 0 },
    state: states[2]!,
    runCount: 1,
    attempt: 1,
    failures: 0,
    replayFailedFrom: 0,
    lease: null,
    createdAt: at,
    expectedAt: at,
    startedAt,
    endedAt,
    totalRunMs: (endedAt - startedAt) / 1000,
    outcome: { format: 'json', text: 'null' },
  }
  return { run, states }
}

function outcomeOf(luck: number): StateType {
  let sum = 0
  for (const [type, share] of OUTCOMES) if (luck < (sum += share)) return type
  return 'completed'
}

function taskRunOf(run: FlowRun, index: number, id: string, nextId: () => string): Checkpoint {
  const startedAt = (run.startedAt ?? run.createdAt) + index * 1_000
  const endedAt = startedAt + 900
  const type = index === 0 && run.state.type === 'failed' ? 'failed' : 'completed'
  return {
    id,
    flowRunId: run.id,
    taskKey: `task-${index % 5}`,
    dynamicKey: `${index}`.padStart(16, '0'),
    ordinal: index,
    name: `task-${index % 5}-${index}`,
    kind: 'task',
    tags: [],
    parentTaskRunId: null,
    childFlowRunId: null,
    upstream: [],
    sequence: 2,
    attempt: 1,
    state: { id: nextId(), type, name: defaultStateName(type), timestamp: endedAt, message: null },
    history: [{ id: nextId(), type: 'running', name: 'Running', timestamp: startedAt }],
    runCount: 1,
    failures: 0,
    number: index,
    createdAt: startedAt,
    startedAt,
    endedAt,
    outcome: { format: 'json', text: '{"rows":1000}' },
    cache: null,
  }
}

function logLineOf(id: string, run: FlowRun, line: number): LogRecord {
  const timestamp = (run.startedAt ?? run.createdAt) + line * 1_000
  return { id, flowRunId: run.id, taskRunId: null, logger: 'tutti', level: 20, message: `line ${line} of ${run.name}`, timestamp }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'flow-runs': { type: 'string', default: '1000000' }, 'task-runs': { type: 'string', default: '10' } },
  })
  const [url] = positionals
  if (url === undefined) throw new Error('usage: seed.ts file:PATH|postgres://… [--flow-runs N] [--task-runs N]')
  const seeded = await seed(url, { flowRuns: Number(values['flow-runs']), taskRunsPerFlowRun: Number(values['task-runs']) })
  process.stdout.write(`${JSON.stringify({ ...seeded, flowRunIds: seeded.flowRunIds.length, flowIds: seeded.flowIds.length })}\n`)
}
