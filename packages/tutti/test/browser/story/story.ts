// A server with something to look at: a month of history, and one run for each thing that can become of one.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'tutti/client'
import type { Client } from 'tutti/client'
import { seed } from '../../../../../bench/seed.ts'
import { ServerProcess } from '../../crash/server-process.ts'
import { saveBlocks } from './blocks.ts'

const HERE = import.meta.dirname
const MAIN = path.join(HERE, '..', '..', '..', 'src', 'cli', 'main.ts')
const FLAGS = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning']
const PAST_FLOWS = ['trips-etl', 'monthly-invoices', 'warehouse-sync', 'score-customers', 'send-digest', 'live-orders', 'release']

/** Runs by what they show. */
export interface Story {
  readonly completed: string
  readonly failed: string
  readonly crashed: string
  readonly paused: string
  readonly sleeping: string
  readonly running: string
  readonly scheduled: string
  readonly large: string
}

export interface StoryOptions {
  /** Of the past; 0: none. */
  readonly pastRuns: number
  /** Task runs of the large run. */
  readonly largeRun: number
}

/** The processes of the story. */
export class Stage {
  readonly server: ServerProcess
  readonly client: Client
  readonly #home: string
  readonly #children: ChildProcess[] = []

  constructor(home: string, port: number, environment: Readonly<Record<string, string>> = {}) {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    this.#home = home
    this.server = new ServerProcess(home, port, environment)
    this.client = createClient({ url: this.server.url })
  }

  /** Serves the deployments of the story. */
  async serve(): Promise<void> {
    await this.#start([path.join(HERE, 'serve.ts')], 'Serving send-digest')
  }

  /** Takes the runs of the pool `local`. */
  async work(): Promise<void> {
    await this.#start([MAIN, 'worker', 'start', '--pool', 'local', '--type', 'process', '--name', 'worker-1'], 'serves the work pool')
  }

  async tell({ pastRuns, largeRun }: StoryOptions): Promise<Story> {
    if (pastRuns > 0)
      await seed(`file:${path.join(this.#home, 'tutti.db')}`, {
        flowRuns: pastRuns,
        taskRunsPerFlowRun: 6,
        flowNames: PAST_FLOWS,
        days: 30,
      })
    await this.server.start()
    await furnish(this.client)
    await this.serve()
    await this.work()
    return act(this.client, largeRun)
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await this.server.kill()
  }

  async #start(args: readonly string[], ready: string): Promise<void> {
    const child = spawn(process.execPath, [...FLAGS, ...args], {
      env: { ...process.env, TUTTI_HOME: this.#home, TUTTI_API_URL: this.server.url, STORY_FOLDER: this.#home, TUTTI_CANCEL_GRACE: '2s' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#children.push(child)
    let said = ''
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer): void => {
        said += chunk.toString()
        if (said.includes(ready)) resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.on('close', () => reject(new Error(`${args.join(' ')} ended before it was ready:\n${said}`)))
    })
  }
}

/** What stands around runs. */
async function furnish(client: Client): Promise<void> {
  const variables = { warehouse: 'warehouse.example.com', batch_size: 500, regions: ['eu', 'us'], feature_flags: { fastLoad: true } }
  for (const [name, value] of Object.entries(variables)) await client.variables.create({ body: { name, value, tags: ['etl'] } })
  await saveBlocks(client)
  await client.concurrency.create({ body: { name: 'warehouse-connections', limit: 8, active: true } })
  await client.concurrency.create({ body: { name: 'payment-api', limit: 2, active: true, slot_decay_per_second: 0.5 } })
  await client.tagLimits.ensure({ body: { tag: 'etl', concurrency_limit: 20 } })
  await client.workPools.create({ body: { name: 'local', type: 'process', concurrency_limit: 10 } })
  await client.workPools.create({
    body: { name: 'kubernetes-prod', type: 'kubernetes', description: 'The cluster in Frankfurt', is_paused: true },
  })
  for (const [name, priority] of [
    ['urgent', 1],
    ['bulk', 10],
  ] as const)
    await client.poolQueues.create({ work_pool_name: 'local', body: { name, priority, concurrency_limit: priority } })
  const flow = await client.flows.create({ body: { name: 'warehouse-sync' } })
  for (const [name, pool] of [
    ['every-10-minutes', 'local'],
    ['in-the-cluster', 'kubernetes-prod'],
  ] as const)
    await client.deployments.create({
      body: {
        flow_id: flow.id,
        name,
        work_pool_name: pool,
        path: HERE,
        entrypoint: 'flows.ts:crashing',
        enforce_parameter_schema: false,
        tags: ['prod'],
        options: { crash_restarts: 3 },
      },
    })
}

async function act(client: Client, largeRun: number): Promise<Story> {
  const trigger = async (flow: string, deployment: string, parameters: Readonly<Record<string, unknown>> = {}, more = {}) => {
    const { id } = await client.deployments.readByName({ flow_name: flow, deployment_name: deployment })
    return (await client.deployments.createFlowRun({ id, body: { parameters, ...more } })).id
  }
  const soon = new Date(Date.now() + 3_600_000).toISOString()
  const completed = await trigger('trips-etl', 'nightly', { day: '2026-11-27' })
  const failed = await trigger('monthly-invoices', 'first-of-month')
  const crashed = await trigger('warehouse-sync', 'every-10-minutes')
  await trigger('warehouse-sync', 'in-the-cluster')
  const paused = await trigger('release', 'production')
  const sleeping = await trigger('send-digest', 'weekdays')
  const running = await trigger('live-orders', 'always-on')
  const scheduled = await trigger('trips-etl', 'by-hand', {}, { state: { type: 'SCHEDULED', state_details: { scheduled_time: soon } } })
  await ended(client, completed)
  const large = await trigger('score-customers', 'hourly', { customers: largeRun })
  await trigger('trips-etl', 'by-hand', { day: '2026-11-26' })
  for (const id of [failed, crashed, large]) await ended(client, id)
  return { completed, failed, crashed, paused, sleeping, running, scheduled, large }
}

const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED']
const ENDED_WITHIN_MS = 180_000

async function ended(client: Client, id: string): Promise<void> {
  const deadline = performance.now() + ENDED_WITHIN_MS
  for (;;) {
    const run = await client.flowRuns.read({ id })
    if (ENDED.includes(run.state_type ?? '')) return
    if (performance.now() > deadline) throw new Error(`the run ${run.name} is still ${run.state_name}: ${run.state?.message}`)
    await sleep(100)
  }
}
