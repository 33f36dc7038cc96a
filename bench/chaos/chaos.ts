// npm run chaos -- [--minutes 10] [--seed N] [--keep]
//
// Three workers run a deployment's runs for as long as asked, behind two servers over one PostgreSQL. All the while workers vanish with their
// processes, processes are killed or stand still for longer than a lease, networks are cut or fall silent, and servers are killed. In the end
// every run has Completed, no function was started after its result had been acknowledged, no slot and no claim is left.
// Prints a line of JSON; the exit status is not 0 when one of these does not hold.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { askPostgres } from '../../packages/tutti/test/tools/ask-postgres.ts'
import { proxyBefore } from '../../packages/tutti/test/tools/fault-proxy.ts'
import { ensureBuilt } from '../build.ts'
import { freePort, ServerProcess } from '../server-process.ts'
import { readNotes } from '../soak/notes.ts'
import { startPostgres } from '../soak/postgres.ts'
import type { SoakPostgres } from '../soak/postgres.ts'
import { Api } from './api.ts'
import { FAULTS, Faults } from './faults.ts'
import { Machine } from './machine.ts'
import { seeded } from './random.ts'

const POOL = 'chaos'
const RUNS_PER_MINUTE = 50
const TASKS_PER_RUN = 20
const TASK_MS = 200
const WORKERS = 3
const RUNS_PER_WORKER = 4
/** Fewer than the pool has, and those fewer than the workers could run: a slot that is lost is missed. */
const SLOTS = 8
const POOL_SLOTS = 10
const CRASH_RESTARTS = 50
const LEASE_MS = 4_000
/** Nine in a minute, and seven kinds. */
const FAULT_EVERY_MS = 6_000
/** The claims of a worker that vanished last 45 s, and a run that has crashed often waits up to a minute. */
const SETTLE_MS = 240_000
const DRAIN_MS = 60_000
const LEASES: NodeJS.ProcessEnv = {
  TUTTI_LEASE_BEAT: '1s',
  TUTTI_LEASE_EXPIRY: `${LEASE_MS / 1000}s`,
  TUTTI_LEASES_INTERVAL: '1s',
  TUTTI_LOG: 'quiet',
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9))
if (!(minutes > 0) || !Number.isInteger(seed)) {
  process.stderr.write('usage: npm run chaos -- [--minutes N] [--seed N] [--keep]\n')
  process.exit(2)
}

await ensureBuilt()
const random = seeded(seed)
const durationMs = minutes * 60_000
const folder = mkdtempSync(path.join(tmpdir(), 'tutti-chaos-'))
const notes = path.join(folder, 'notes')
writeFileSync(notes, '')
const problems: string[] = []
const happened: string[] = []
const startedAt = performance.now()
const servers: ServerProcess[] = []
const machines: Machine[] = []
const postgres = await startPostgres(path.join(folder, 'pg'))
try {
  await start(postgres)
  await chaos(postgres)
} finally {
  for (const machine of machines) {
    await machine.vanish()
    await machine.network.close()
  }
  for (const server of servers) await server.kill()
  await postgres.stop()
}
if (problems.length > 0) {
  const story = path.join(folder, 'story')
  const told = machines.map(({ name, lines }) => `── ${name}\n${lines.join('\n')}`)
  writeFileSync(story, `${happened.join('\n')}\n${told.join('\n')}\n`)
  process.stderr.write(`${problems.join('\n')}\nWhat happened stands in ${story}; begin with --seed ${seed} for the same faults.\n`)
  process.exitCode = 1
} else if (!values.keep) rmSync(folder, { recursive: true, force: true })

async function start({ url }: SoakPostgres): Promise<void> {
  for (let index = 0; index < 2; index++) {
    const server = new ServerProcess(await freePort(), {
      ...LEASES,
      TUTTI_HOME: path.join(folder, `server-${index}`),
      TUTTI_DATABASE_URL: url,
    })
    servers.push(server)
    await server.start()
  }
  for (let index = 0; index < WORKERS; index++) {
    const { proxy, url: apiUrl } = await proxyBefore(servers[index % servers.length]!.url)
    machines.push(
      new Machine({
        name: `worker-${index}`,
        pool: POOL,
        limit: RUNS_PER_WORKER,
        home: path.join(folder, `worker-${index}`),
        apiUrl,
        network: proxy,
        environment: LEASES,
      }),
    )
  }
  // The first one makes the pool.
  for (const machine of machines) await machine.start()
}

async function chaos({ url }: SoakPostgres): Promise<void> {
  const api = new Api(servers.map((server) => server.url))
  await api.patch(`/work_pools/${POOL}`, { concurrency_limit: POOL_SLOTS })
  const deploymentId = await deploy(api)
  const flowRuns = Math.round(minutes * RUNS_PER_MINUTE)
  const beganAt = performance.now()
  const elapsedMs = (): number => performance.now() - beganAt
  const tell = (line: string): void => void happened.push(`${new Date().toISOString()} ${line}`)
  const faults = new Faults({ random, machines, servers, leaseMs: LEASE_MS, tell, onProblem: (problem) => problems.push(problem) })
  const triggering = trigger(api, deploymentId, flowRuns, elapsedMs)
  const watch = watchSlots(api, deploymentId)
  for (let fault = 0; elapsedMs() < durationMs; fault++) {
    // The first runs come to a quiet place.
    const dueMs = (fault + 0.3 + random() * 0.6) * FAULT_EVERY_MS
    while (elapsedMs() < dueMs) await sleep(50)
    if (elapsedMs() < durationMs) faults.begin()
  }
  const triggered = await triggering
  await faults.over()

  const completed = await settled(flowRuns, () => countOf(api, { state: { type: { any_: ['COMPLETED'] } } }))
  const settledMs = elapsedMs() - durationMs
  const drained = await Promise.all(machines.map((machine) => machine.stop(DRAIN_MS)))
  // What vanished workers had claimed is given back when its time is over.
  const claims = await settled(0, async () => Number((await askPostgres(url, 'select count(*) as n from run_claims'))[0]?.['n']))
  const deploymentSlots = await slotsOf(api, deploymentId)
  const poolSlots = (await api.get<{ readonly active_slots: number | null }>(`/work_pools/${POOL}`)).active_slots
  const slotsMost = await watch.stop()
  const noted = readNotes(notes)
  const crashes = await askPostgres(
    url,
    "select message, count(*) as n from (select regexp_replace(message, '[0-9]+', 'N', 'g') as message from flow_run_states where type = 'crashed') as crash group by message order by n desc limit 20",
  )
  const total = await countOf(api, {})
  const states = await askPostgres(url, 'select state_name, count(*) as n from flow_runs group by state_name')
  const taskRuns = await api.post<number>('/task_runs/count', { task_runs: { state: { type: { any_: ['COMPLETED'] } } } })

  process.stdout.write(
    `${JSON.stringify({
      workload: 'chaos',
      minutes,
      seed,
      elapsed_s: Math.round((performance.now() - startedAt) / 1000),
      settled_after_s: Math.round(settledMs / 1000),
      workers: WORKERS,
      servers: servers.length,
      flow_runs: total,
      flow_runs_completed: completed,
      task_runs_completed: taskRuns,
      faults: faults.done,
      crashes: crashes.reduce((sum, { n }) => sum + Number(n), 0),
      crashes_by_reason: Object.fromEntries(crashes.map(({ message, n }) => [message, Number(n)])),
      function_starts: noted.starts,
      acknowledged: noted.acknowledged,
      started_after_acknowledged: noted.startedAfterAck,
      slots_most: slotsMost,
      slots_left: deploymentSlots,
      pool_slots_left: poolSlots,
      claims_left: claims,
    })}\n`,
  )

  expectThat(triggered === flowRuns && total === flowRuns, `there are ${total} runs, ${triggered} of ${flowRuns} were triggered`)
  expectThat(
    completed === flowRuns,
    `${flowRuns - completed} of ${flowRuns} runs did not complete: ${states.map((state) => `${String(state['state_name'])}: ${String(state['n'])}`).join(', ')}`,
  )
  expectThat(noted.startedAfterAck === 0, `${noted.startedAfterAck} functions were started after their result had been acknowledged`)
  expectThat(
    taskRuns === flowRuns * TASKS_PER_RUN,
    `the store has ${taskRuns} completed task runs; there were ${flowRuns * TASKS_PER_RUN} calls`,
  )
  expectThat(deploymentSlots === 0, `${deploymentSlots} slots of the deployment are left taken`)
  expectThat(slotsMost <= SLOTS, `${slotsMost} slots were taken at once, the limit is ${SLOTS}`)
  expectThat(poolSlots === 0, `${poolSlots} slots of the pool are left taken`)
  expectThat(claims === 0, `${claims} claims are left`)
  for (const [index, machine] of machines.entries())
    expectThat(drained[index] === true, `${machine.name} did not end within ${DRAIN_MS / 1000} s of being told to stop`)
  for (const fault of FAULTS)
    expectThat(faults.done[fault] >= Math.floor(minutes), `${fault} happened ${faults.done[fault]} times, not ${Math.floor(minutes)}`)
}

async function deploy(api: Api): Promise<string> {
  const flow = await api.post<{ readonly id: string }>('/flows/', { name: 'chaos' })
  const { id } = await api.post<{ readonly id: string }>('/deployments/', {
    flow_id: flow.id,
    name: 'chaos',
    work_pool_name: POOL,
    path: import.meta.dirname,
    entrypoint: 'flow.ts:chaos',
    enforce_parameter_schema: false,
    parameters: { notes, tasks: TASKS_PER_RUN, taskMs: TASK_MS },
    concurrency_limit: SLOTS,
    options: { crash_restarts: CRASH_RESTARTS },
  })
  return id
}

/** Runs come at their time, each once: a request that is asked again finds what the first one made. */
async function trigger(api: Api, deploymentId: string, flowRuns: number, elapsedMs: () => number): Promise<number> {
  let triggered = 0
  for (let index = 0; index < flowRuns; index++) {
    const dueMs = (durationMs * 0.95 * index) / flowRuns
    while (elapsedMs() < dueMs) await sleep(Math.min(1_000, dueMs - elapsedMs()))
    try {
      await api.post(`/deployments/${deploymentId}/create_flow_run`, { idempotency_key: `chaos-${index}` })
      triggered += 1
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error))
    }
  }
  return triggered
}

/** The most slots that were seen to be taken at once. */
function watchSlots(api: Api, deploymentId: string): { readonly stop: () => Promise<number> } {
  let isOver = false
  let most = 0
  const watching = (async () => {
    while (!isOver) {
      most = Math.max(most, await slotsOf(api, deploymentId))
      await sleep(500)
    }
  })()
  return {
    async stop() {
      isOver = true
      await watching
      return most
    },
  }
}

async function slotsOf(api: Api, deploymentId: string): Promise<number> {
  const { global_concurrency_limit: limit } = await api.get<{
    readonly global_concurrency_limit: { readonly active_slots: number } | null
  }>(`/deployments/${deploymentId}`)
  return limit?.active_slots ?? -1
}

function countOf(api: Api, filter: object): Promise<number> {
  return api.post('/flow_runs/count', { flow_runs: filter })
}

/** The number once it is the one that is wanted, or what it is when nobody waits for it any longer. */
async function settled(wanted: number, ask: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const found = await ask()
    if (found === wanted || performance.now() > deadline) return found
    await sleep(250)
  }
}

function expectThat(holds: boolean, problem: string): void {
  if (!holds) problems.push(problem)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
