// A server with deployments, and processes that run what is due.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'tutti/client'
import { freePort, ServerProcess } from '../crash/server-process.ts'
import { Running } from './command.ts'
import { INHERITED } from './inherited.ts'

const MAIN = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
const FLAGS = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning']
export const FLOWS = path.join(import.meta.dirname, 'flows')

type Client = ReturnType<typeof createClient>
type Deployed = Readonly<Record<string, unknown>>
type Run = Awaited<ReturnType<Client['flowRuns']['read']>>

export class Work {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'tutti-work-'))
  readonly home = path.join(this.folder, 'home')
  /** Of what is started from now on. */
  environment: Readonly<Record<string, string>> = {}
  readonly #started: Running[] = []
  server!: ServerProcess
  client!: Client

  async open(): Promise<void> {
    mkdirSync(this.home)
    this.server = new ServerProcess(this.home, await freePort())
    await this.server.start()
    this.client = createClient({ url: this.server.url })
  }

  command(...args: readonly string[]): Running {
    return this.#start([MAIN, ...args])
  }

  script(file: string): Running {
    return this.#start([path.join(FLOWS, file)])
  }

  /** A worker of the pool `local` that is ready. */
  async worker(...args: readonly string[]): Promise<Running> {
    const worker = this.command('worker', 'start', '--pool', 'local', '--type', 'process', ...args)
    await worker.printed('serves the work pool')
    return worker
  }

  /** A deployment of a flow of `worked.ts` for the pool `local`. */
  async deployment(flowName: string, changes: Deployed = {}): Promise<string> {
    const flow = await this.client.flows.create({ body: { name: flowName } })
    const { id } = await this.client.deployments.create({
      body: {
        flow_id: flow.id,
        name: 'work',
        work_pool_name: 'local',
        path: FLOWS,
        entrypoint: `worked.ts:${flowName}`,
        enforce_parameter_schema: false,
        parameters: { folder: this.folder },
        ...changes,
      },
    })
    return id
  }

  async trigger(deploymentId: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return (await this.client.deployments.createFlowRun({ id: deploymentId, body: { parameters } })).id
  }

  /** The run once it has one of these states. */
  async reached(id: string, ...types: readonly string[]): Promise<Run> {
    for (;;) {
      const run = await this.client.flowRuns.read({ id })
      if (types.includes(run.state_type ?? '')) return run
      if (['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].includes(run.state_type ?? '') && !types.includes('CRASHED'))
        throw new Error(`the run ended as ${run.state?.name}: ${run.state?.message}`)
      await sleep(20)
    }
  }

  /** The run once it has ended like this, whatever it has been through. */
  async ended(id: string, type: string): Promise<Run> {
    for (;;) {
      const run = await this.client.flowRuns.read({ id })
      if (run.state_type === type) return run
      await sleep(20)
    }
  }

  /** Completed runs of a deployment with such a tag, once there are so many. */
  async completed(deploymentId: string, tag: RegExp, count: number): Promise<readonly Run[]> {
    for (;;) {
      const flowRuns = { state: { type: { any_: ['COMPLETED'] } } }
      const runs = await this.client.flowRuns.filter({ body: { flow_runs: flowRuns, deployments: { id: { any_: [deploymentId] } } } })
      const tagged = runs.filter(({ tags }) => tags.some((each) => tag.test(each)))
      if (tagged.length >= count) return tagged
      await sleep(50)
    }
  }

  async statesOf(id: string): Promise<readonly string[]> {
    const states = await this.client.states.flowRunStates({ flow_run_id: id })
    return states.map(({ name }) => name ?? '')
  }

  /** Lines of the run's log that came from its streams, once `text` is among them. */
  async logged(id: string, text: string): Promise<readonly string[]> {
    for (;;) {
      const logs = await this.client.logs.filter({ body: { logs: { flow_run_id: { any_: [id] } } } })
      const lines = logs.map(({ name, message }) => `${name}: ${message}`)
      if (lines.some((line) => line.includes(text))) return lines
      await sleep(20)
    }
  }

  /** The labels of the run once this one is among them. */
  async labelled(id: string, label: string): Promise<Run['labels']> {
    for (;;) {
      const { labels } = await this.client.flowRuns.read({ id })
      if (label in labels) return labels
      await sleep(20)
    }
  }

  get calls(): readonly string[] {
    return readFileSync(path.join(this.folder, 'calls'), 'utf8').trim().split('\n')
  }

  async close(): Promise<void> {
    for (const { child, ended } of this.#started) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    }
    await this.server.kill()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #start(args: readonly string[]): Running {
    const env = { ...INHERITED, HOME: this.folder, TUTTI_HOME: this.home, TUTTI_CANCEL_GRACE: '1s', ...this.environment }
    const running = new Running(spawn(process.execPath, [...FLAGS, ...args], { env, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] }))
    this.#started.push(running)
    return running
  }
}
