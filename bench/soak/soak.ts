// npm run soak -- [--minutes 10] [--store sqlite|postgres] [--tasks 100000] [--processes 20]
//
// Twenty processes run flows through one server for as long as asked; the server is killed again and again, PostgreSQL is restarted. In the
// end every flow has Completed, no function was started after its result had been acknowledged, no row is lost and nothing has grown.
// Prints JSON lines; the exit status is not 0 when one of these does not hold.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../build.ts'
import { readNotes } from './notes.ts'
import { startPostgres } from './postgres.ts'
import type { SoakPostgres } from './postgres.ts'
import { freePort, rssMbOf, ServerProcess } from '../server-process.ts'

const TASKS_PER_FLOW_RUN = 50
/** At least one kill of the server in this time. */
const KILL_EVERY_MS = 36_000
const KILLS_MIN_OF_TEN_MINUTES = 15
const POSTGRES_RESTARTS = 2
const RSS_GROWTH_MAX = 1.2
/** What a process takes in its first minutes is no growth: a shorter soak only tells its memory. */
const RSS_COMPARED_FROM_MINUTES = 4
/** How long after the last task's time everything must have come to its end. */
const SETTLE_MS = 180_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    store: { type: 'string', default: 'sqlite' },
    tasks: { type: 'string' },
    processes: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
const processes = Number(values.processes)
const tasks = Number(values.tasks ?? Math.round(minutes * 10_000))
if (!(minutes > 0) || !(processes > 0) || !(tasks > 0) || (values.store !== 'sqlite' && values.store !== 'postgres')) {
  process.stderr.write('usage: npm run soak -- [--minutes N] [--store sqlite|postgres] [--tasks N] [--processes N]\n')
  process.exit(2)
}

interface Ended {
  readonly completed: number
  readonly failures: readonly string[]
}

interface Figures {
  readonly problems: string[]
  kills: number
  postgresRestarts: number
}

await ensureBuilt()
const folder = mkdtempSync(path.join(tmpdir(), 'tutti-soak-'))
const durationMs = minutes * 60_000
const figures: Figures = { problems: [], kills: 0, postgresRestarts: 0 }
const postgres = values.store === 'postgres' ? await startPostgres(path.join(folder, 'pg')) : undefined
const server = new ServerProcess(await freePort(), {
  TUTTI_HOME: path.join(folder, 'server'),
  ...(postgres === undefined ? undefined : { TUTTI_DATABASE_URL: postgres.url }),
})
try {
  await soak(server, postgres)
} finally {
  await server.stop()
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
}
for (const problem of figures.problems) process.stderr.write(`${problem}\n`)
process.exitCode = figures.problems.length === 0 ? 0 : 1

async function soak(server: ServerProcess, postgres: SoakPostgres | undefined): Promise<void> {
  await server.start()
  const startedAt = performance.now()
  const elapsedMs = (): number => performance.now() - startedAt
  const flowRunsEach = Math.max(1, Math.round(tasks / processes / TASKS_PER_FLOW_RUN))
  const tasksEach = flowRunsEach * TASKS_PER_FLOW_RUN
  const children = Array.from({ length: processes }, (_, index) => startProcess(index, flowRunsEach, (durationMs * 0.95) / tasksEach))
  let running = true
  const over = Promise.all(children.map((child) => child.ended)).finally(() => {
    running = false
  })

  const memory = watchMemory(() => children.map((child) => rssMbOf(child.pid)), server, elapsedMs)
  const killing = killServer(server, () => running && elapsedMs() < durationMs, elapsedMs)
  const restarting = postgres === undefined ? Promise.resolve() : restartPostgres(postgres, () => running, elapsedMs)
  const tooLate = setTimeout(() => {
    figures.problems.push(`flows were still running ${SETTLE_MS / 1000} s after their time`)
    for (const child of children) child.kill()
  }, durationMs + SETTLE_MS)
  const ended = await over
  clearTimeout(tooLate)
  await killing
  await restarting
  const grown = memory.stop()

  const completed = ended.reduce((sum, each) => sum + each.completed, 0)
  const notes = children.map((child) => readNotes(child.notes))
  const sum = (key: 'starts' | 'acknowledged' | 'startedAfterAck'): number => notes.reduce((total, each) => total + each[key], 0)
  const flowRuns = flowRunsEach * processes
  const rows = {
    flowRunsCompleted: await server.count('flow_runs', { flow_runs: { state: { type: { any_: ['COMPLETED'] } } } }),
    flowRuns: await server.count('flow_runs', {}),
    taskRunsCompleted: await server.count('task_runs', { task_runs: { state: { type: { any_: ['COMPLETED'] } } } }),
    taskRuns: await server.count('task_runs', {}),
  }
  process.stdout.write(
    `${JSON.stringify({
      workload: 'soak',
      store: values.store,
      minutes,
      elapsed_s: Math.round(elapsedMs() / 1000),
      processes,
      flow_runs: flowRuns,
      flow_runs_completed: completed,
      task_runs: flowRuns * TASKS_PER_FLOW_RUN,
      server_kills: figures.kills,
      postgres_restarts: figures.postgresRestarts,
      function_starts: sum('starts'),
      acknowledged: sum('acknowledged'),
      started_after_acknowledged: sum('startedAfterAck'),
      rows,
      rss_mb: grown,
    })}\n`,
  )

  expectThat(
    completed === flowRuns,
    `${flowRuns - completed} of ${flowRuns} flow runs did not complete: ${ended.flatMap((each) => each.failures).join('; ')}`,
  )
  expectThat(sum('startedAfterAck') === 0, `${sum('startedAfterAck')} functions were started after their result had been acknowledged`)
  expectThat(
    rows.flowRunsCompleted === flowRuns && rows.flowRuns === flowRuns,
    `the store has ${rows.flowRuns} flow runs, ${rows.flowRunsCompleted} of them completed; there were ${flowRuns}`,
  )
  expectThat(
    rows.taskRunsCompleted === flowRuns * TASKS_PER_FLOW_RUN && rows.taskRuns === rows.taskRunsCompleted,
    `the store has ${rows.taskRuns} task runs, ${rows.taskRunsCompleted} of them completed; there were ${flowRuns * TASKS_PER_FLOW_RUN}`,
  )
  const killsMin = Math.floor((KILLS_MIN_OF_TEN_MINUTES * minutes) / 10)
  expectThat(figures.kills >= killsMin, `the server was killed ${figures.kills} times, at least ${killsMin} were wanted`)
  if (postgres !== undefined)
    expectThat(figures.postgresRestarts >= POSTGRES_RESTARTS, `PostgreSQL was restarted ${figures.postgresRestarts} times`)
  for (const [what, { early, late }] of minutes < RSS_COMPARED_FROM_MINUTES ? [] : Object.entries(grown)) {
    expectThat(early === 0 || late <= early * RSS_GROWTH_MAX, `the memory of the ${what} grew from ${early} MB to ${late} MB`)
  }
}

function expectThat(holds: boolean, problem: string): void {
  if (!holds) figures.problems.push(problem)
}

interface SoakProcess {
  readonly pid: number | undefined
  readonly notes: string
  readonly ended: Promise<Ended>
  readonly kill: () => void
}

function startProcess(index: number, flowRuns: number, paceMs: number): SoakProcess {
  const notes = path.join(folder, `notes-${index}`)
  const work = { process: index, flowRuns, tasksPerFlowRun: TASKS_PER_FLOW_RUN, paceMs, notes }
  const child = fork(path.join(import.meta.dirname, 'flow-process.ts'), [JSON.stringify(work)], {
    // The package as it is published, not its sources.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {
      ...process.env,
      TUTTI_API_URL: server.url,
      TUTTI_HOME: path.join(folder, `home-${index}`),
      TUTTI_LOG: 'quiet',
      NODE_OPTIONS: '',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<Ended>((resolve) => {
    let told: Ended = { completed: 0, failures: [`process ${index} ended without telling anything`] }
    child.on('message', (message) => {
      told = message as Ended // sent by flow-process.ts
    })
    child.on('exit', () => resolve(told))
  })
  return { pid: child.pid, notes, ended, kill: () => void child.kill('SIGKILL') }
}

/** Kills the server at moments that nobody chose, and starts it again after a while. */
async function killServer(server: ServerProcess, goesOn: () => boolean, elapsedMs: () => number): Promise<void> {
  const everyMs = Math.min(KILL_EVERY_MS, durationMs / 4)
  for (let kill = 1; goesOn(); kill++) {
    const dueMs = kill * everyMs - Math.random() * everyMs * 0.3
    while (goesOn() && elapsedMs() < dueMs) await sleep(100)
    if (!goesOn()) return
    await server.kill()
    figures.kills += 1
    await sleep(Math.random() * 1_500)
    await server.start()
  }
}

async function restartPostgres(postgres: SoakPostgres, goesOn: () => boolean, elapsedMs: () => number): Promise<void> {
  for (let restart = 1; restart <= POSTGRES_RESTARTS && goesOn(); restart++) {
    while (goesOn() && elapsedMs() < (durationMs * restart) / (POSTGRES_RESTARTS + 1)) await sleep(100)
    if (!goesOn()) return
    await postgres.restart()
    figures.postgresRestarts += 1
  }
}

interface Growth {
  readonly early: number
  readonly late: number
}

/** Memory around minute 2 and at the end: the most that was taken there, as a server that has just been started again takes little. */
function watchMemory(
  processesMb: () => readonly number[],
  server: ServerProcess,
  elapsedMs: () => number,
): { readonly stop: () => Readonly<Record<'processes' | 'server', Growth>> } {
  const samples: { readonly atMs: number; readonly processes: number; readonly server: number }[] = []
  const timer = setInterval(() => {
    samples.push({ atMs: elapsedMs(), processes: processesMb().reduce((a, b) => a + b, 0), server: server.rssMb() })
  }, 500)
  return {
    stop() {
      clearInterval(timer)
      const earlyMs = Math.min(120_000, durationMs * 0.4)
      const windowMs = Math.min(30_000, durationMs * 0.2)
      const growth = (key: 'processes' | 'server'): Growth => ({
        early: most(samples.filter(({ atMs }) => Math.abs(atMs - earlyMs) <= windowMs).map((sample) => sample[key])),
        late: most(
          samples.filter(({ atMs }) => atMs >= durationMs * 0.95 - windowMs && atMs <= durationMs * 0.95).map((sample) => sample[key]),
        ),
      })
      return { processes: growth('processes'), server: growth('server') }
    },
  }
}

function most(numbers: readonly number[]): number {
  return Math.round(Math.max(0, ...numbers) * 10) / 10
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
