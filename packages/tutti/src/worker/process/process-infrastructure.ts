import { isTuttiError } from '../../core/errors.ts'
import type { Orchestrator } from '../../core/orchestrator.ts'
import { COMMIT_LABEL } from '../../core/run-job.ts'
import type { RunJob } from '../../core/run-job.ts'
import type { DueRun, ServerDoor } from '../../core/server-door.ts'
import type { Clock } from '../../core/time.ts'
import { messageOf } from '../../engine/thrown.ts'
import type { PreparedCode } from '../code/index.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { codePlace, processJob } from './job.ts'
import type { ProcessJob } from './job.ts'
import type { CodePlace, Usage } from './messages.ts'
import { RunOutput } from './output.ts'
import type { RunEnd, RunProcess } from './run-process.ts'
import type { WarmPool } from './warm-pool.ts'

export interface ProcessInfrastructureOptions {
  readonly server: ServerDoor
  readonly orchestrator: Pick<Orchestrator, 'flowRuns'>
  readonly clock: Clock
  readonly processes: WarmPool
  /** Gets the code of a job; what takes a while is told. */
  readonly prepareCode: (job: RunJob, tell: (message: string) => void, signal: AbortSignal) => Promise<PreparedCode>
  readonly pool: string
  /** Of the processes, as leases name it. */
  readonly host: string
  /** Deployments whose code is loaded before anybody asks. */
  readonly warmDeployments: number
  readonly print: (line: string) => void
  /** What a run prints, for whoever watches the worker. */
  readonly echo: (line: string) => void
}

/** A claim lasts 45 seconds. */
const RENEW_MS = 15_000
/** Processes that end before they have begun a run, one after the other, until the run is not tried again. */
const UNBEGUN_MAX = 3

/** Runs each flow run in a process of its own on this machine. */
export class ProcessInfrastructure implements Infrastructure {
  readonly type = 'process'
  readonly #options: ProcessInfrastructureOptions
  readonly #output: RunOutput
  readonly #unbegun = new Map<string, number>()
  readonly #leaving = new Set<Promise<void>>()

  constructor(options: ProcessInfrastructureOptions) {
    this.#options = options
    const { server, clock, print } = options
    this.#output = new RunOutput({
      server,
      clock,
      onTrouble: (error) => print(`printed lines of runs could not be kept: ${messageOf(error)}`),
    })
  }

  async warmUp(signal: AbortSignal): Promise<void> {
    const { server, pool, warmDeployments, prepareCode, processes, print } = this.#options
    if (warmDeployments === 0) return
    try {
      for (const job of await server.jobsOfPool(pool, warmDeployments)) {
        // What is not there yet is got when a run needs it, and then it matters whether it can be.
        const process = processJob(job)
        if (job.entrypoint === null || process.nodeOptions !== null || /\.py(:|$)/.test(job.entrypoint)) continue
        const code = await prepareCode(job, print, signal)
        if (!signal.aborted) await processes.prepare(codePlace(job, process, code))
        code.release()
      }
    } catch (error) {
      print(`code could not be loaded beforehand: ${messageOf(error)}`)
    }
  }

  async launch(due: DueRun, signal: AbortSignal): Promise<void> {
    const { server, clock, print } = this.#options
    try {
      const { job, flowRunId } = due
      const wanted = processJob(job)
      const tell = (message: string): void => {
        server
          .appendLogs([{ flowRunId, logger: 'tutti', level: 20, message, at: clock.now() }])
          .catch((error: unknown) => print(`${due.name}: ${message} (not in its log: ${messageOf(error)})`))
      }
      const code = await this.#withClaim(due, signal, (stop) => this.#options.prepareCode(job, tell, stop))
      if (code === undefined) return
      try {
        if (code.commit !== null && job.commit === null) await server.addLabels(flowRunId, { [COMMIT_LABEL]: code.commit })
        await this.#launchAt(codePlace(job, wanted, code), wanted, due, signal)
      } finally {
        code.release()
      }
    } catch (error) {
      print(`the run ${due.name} (${due.flowRunId}) could not be launched: ${messageOf(error)}`)
      if (signal.aborted || isTuttiError(error, 'SERVER_UNREACHABLE')) await this.#leave(server, due)
      else await this.#refuse(server, due, error)
    }
  }

  async #launchAt(place: CodePlace, wanted: ProcessJob, due: DueRun, signal: AbortSignal): Promise<void> {
    const { processes, print } = this.#options
    const process = processes.take(place, wanted)
    const end = await this.#runIn(process, due, { place, echo: wanted.streamOutput }, signal)
    try {
      await this.#tell(due, process, end, signal)
    } catch (error) {
      // The run is recorded by its process, or found by the end of its lease or claim: it may go on elsewhere by now.
      print(`how ${due.name} (${due.flowRunId}) ended here could not be told: ${messageOf(error)}`)
    }
    const isReusable = wanted.isolation === 'version' && wanted.nodeOptions === null && isHealthy(end)
    if (wanted.nodeOptions === null) this.#later(processes.giveBack(process, place, isReusable))
    else this.#later(process.kill())
  }

  async close(): Promise<void> {
    await Promise.all(this.#leaving)
    await this.#options.processes.close()
    await this.#output.flush()
  }

  /** Keeps the claim while something is done for the run; `undefined` when the run is nobody's to launch any more. */
  async #withClaim<T>({ claimId, name }: DueRun, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { server, clock, print } = this.#options
    const gone = new AbortController()
    const both = AbortSignal.any([gone.signal, signal])
    let stop: (() => void) | undefined
    const renew = (): void => {
      stop = clock.timer(RENEW_MS, () => {
        server.renewClaim(claimId).then(renew, (error: unknown) => {
          if (isTuttiError(error, 'LEASE_GONE')) gone.abort(error)
          else renew()
        })
      })
    }
    renew()
    try {
      return await work(both)
    } catch (error) {
      if (!gone.signal.aborted) throw error
      print(`${name} is not to be run here any more`)
      return undefined
    } finally {
      stop?.()
    }
  }

  async #runIn(
    process: RunProcess,
    { flowRunId, name, job }: DueRun,
    { place, echo }: { readonly place: CodePlace; readonly echo: boolean },
    signal: AbortSignal,
  ): Promise<RunEnd> {
    const { print } = this.#options
    const onAbort = (): void => void process.kill()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal.aborted) onAbort()
      return await process.run(
        { type: 'run', flowRunId, flowName: job.flowName, place },
        {
          onBegun: () => print(`${name} of ${job.deployment ?? job.flowName} runs in process ${process.pid}`),
          onLine: (stream, line) => {
            this.#output.add(flowRunId, stream, line)
            if (echo) this.#options.echo(`${name} | ${line}`)
          },
        },
      )
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #tell({ flowRunId, claimId, name }: DueRun, process: RunProcess, end: RunEnd, signal: AbortSignal): Promise<void> {
    const { server, orchestrator, host, print } = this.#options
    switch (end.type) {
      case 'ended':
        this.#unbegun.delete(flowRunId)
        print(`${name} ended as ${end.state}`)
        return server.addLabels(flowRunId, labelsOf(end.usage))
      case 'left':
        return print(`${name} was not begun: ${end.reason}`)
      case 'broken':
        print(`${name} could not be recorded: ${end.reason}`)
        await process.kill()
        await orchestrator.flowRuns.command(flowRunId, {
          type: 'crash',
          message: `its process could not record it: ${end.reason}`,
          process: { host, pid: process.pid },
        })
        return
      case 'exited': {
        const why = signal.aborted ? 'its worker was stopped' : reasonOf(end)
        print(`${name}: process ${process.pid} ended: ${why}`)
        const decision = await orchestrator.flowRuns.command(flowRunId, {
          type: 'crash',
          message: `process ${process.pid} of the run ended: ${why}`,
          // It may have stood still for so long that the run goes on elsewhere.
          process: { host, pid: process.pid },
          ...(signal.aborted ? { onPurpose: true } : undefined),
        })
        if (decision.type === 'accept' || end.hadBegun) return
        // It had not begun, so nothing is lost and another process may do it; but not for ever.
        const tried = (this.#unbegun.get(flowRunId) ?? 0) + 1
        this.#unbegun.set(flowRunId, tried)
        if (tried < UNBEGUN_MAX) return server.releaseClaim(claimId)
        this.#unbegun.delete(flowRunId)
        return server.endUnbegun(flowRunId, 'crashed', `${tried} processes ended before they could begin the run: ${why}`)
      }
    }
  }

  /** Nothing is wrong with the run: another worker does it. */
  async #leave(server: ServerDoor, { claimId, name }: DueRun): Promise<void> {
    await server.releaseClaim(claimId).catch((error: unknown) => {
      this.#options.print(`${name} could not be given back, its claim will expire: ${messageOf(error)}`)
    })
  }

  /** What the run asks for cannot be had: that is its end, and its log says why. */
  async #refuse(server: ServerDoor, { claimId, flowRunId, name }: DueRun, error: unknown): Promise<void> {
    const { clock, print } = this.#options
    const message = isTuttiError(error) ? `${error.message}. ${error.fix}` : messageOf(error)
    try {
      // Whoever has it by now may have what this worker has not.
      await server.renewClaim(claimId)
      await server.appendLogs([{ flowRunId, logger: 'tutti', level: 40, message, at: clock.now() }])
      await server.endUnbegun(flowRunId, 'failed', messageOf(error))
    } catch (cause) {
      print(`the end of ${name} (${flowRunId}) could not be told, its claim will expire: ${messageOf(cause)}`)
    }
  }

  #later(work: Promise<void>): void {
    const tracked = work.finally(() => this.#leaving.delete(tracked))
    this.#leaving.add(tracked)
  }
}

function isHealthy(end: RunEnd): boolean {
  return end.type === 'left' || (end.type === 'ended' && end.isReusable)
}

function labelsOf({ cpuMs, memoryMaxBytes }: Usage): Readonly<Record<string, number>> {
  return { 'tutti.cpu_ms': cpuMs, 'tutti.memory_max_bytes': memoryMaxBytes }
}

/** Codes of Node and of shells that say more than their number. */
function reasonOf({ end, lastWords }: RunEnd & { readonly type: 'exited' }): string {
  const { code, signal, error } = end
  if (error !== undefined) return `it could not be started: ${error.message}`
  const said = lastWords === '' ? '' : `; it said last: ${lastWords}`
  if (/heap out of memory|heap limit/i.test(lastWords)) return `it ran out of memory (memory_mb of the job limits it)`
  if (signal === 'SIGKILL') return `it was killed by SIGKILL, as systems do with a process that takes too much memory${said}`
  return signal === null ? `exit code ${code}${said}` : `by ${signal}${said}`
}
