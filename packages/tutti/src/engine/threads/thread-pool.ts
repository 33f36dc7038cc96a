import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TuttiError } from '../../core/errors.ts'
import type { Clock } from '../../core/time.ts'
import { systemClock } from '../../system/clock.ts'
import { processClasses } from '../class-registry.ts'
import { prepareModule } from '../entrypoint.ts'
import type { PreparedModule } from '../entrypoint.ts'
import { reviveThrown } from '../error-data.ts'
import { knownSecrets, registerSecret } from '../secret-mask.ts'
import type { ThreadAnswer, ThreadCall, ThreadEnd, ThreadSecret } from './messages.ts'

/** How long a thread without work is kept: starting one takes about 30 ms, and loading the user's module what it takes. */
const IDLE_MS = 10_000

/** A function of a user's file, and what to call it with. */
export interface ThreadFunction {
  readonly file: string | URL
  readonly exportName: string
  readonly args: readonly unknown[]
}

/**
 * The worker threads of a process: as many as it has cores, each with one call at a time; calls beyond that wait in line. A thread that
 * ends in the middle of a call fails that call only. Threads without work do not keep the process alive.
 */
export class ThreadPool {
  readonly #sizeMax: number
  readonly #clock: Clock
  readonly #idle: PoolThread[] = []
  readonly #preparing = new Map<string, Promise<PreparedModule>>()
  #line: Job[] = []
  #size = 0
  #calls = 0

  constructor({ sizeMax = availableParallelism(), clock = systemClock() }: { readonly sizeMax?: number; readonly clock?: Clock } = {}) {
    this.#sizeMax = sizeMax
    this.#clock = clock
  }

  /**
   * Runs one call. When the signal aborts, its thread is ended at once: code that computes cannot listen.
   *
   * @throws what the function threw; the signal's reason; `THREAD_CRASHED`, `THREAD_EXPORT_NOT_FOUND`, `THREAD_ARGUMENT_NOT_CLONEABLE` or
   * `THREAD_RESULT_NOT_CLONEABLE`; `ENTRYPOINT_NOT_FOUND` or `ENTRYPOINT_FAILED` when the file cannot be loaded.
   */
  async run({ file, exportName, args }: ThreadFunction, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted()
    const module = await this.#prepare(file)
    signal?.throwIfAborted()
    return await new Promise((resolve, reject) => {
      const call = { callId: (this.#calls += 1), module, exportName, args, secrets: [] }
      const job: Job = { call, signal, resolve, reject, onAbort: () => this.#abort(job), thread: undefined }
      signal?.addEventListener('abort', job.onAbort, { once: true })
      this.#line.push(job)
      this.#next()
    })
  }

  /** Many calls that begin at once share one bundle; a later one looks again, for the file may have changed. */
  #prepare(file: string | URL): Promise<PreparedModule> {
    const key = String(file)
    let preparing = this.#preparing.get(key)
    if (preparing === undefined) {
      preparing = prepareModule(file).finally(() => this.#preparing.delete(key))
      this.#preparing.set(key, preparing)
    }
    return preparing
  }

  #next(): void {
    while (this.#line.length > 0) {
      const thread = this.#idle.pop() ?? this.#start()
      if (thread === undefined) return
      const job = this.#line.shift()
      if (job !== undefined) this.#give(job, thread)
    }
  }

  #start(): PoolThread | undefined {
    if (this.#size >= this.#sizeMax) return undefined
    this.#size += 1
    // The sources run as TypeScript, the package as JavaScript: the thread's file is beside this one in either.
    const file = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
    const worker = new Worker(file)
    const thread: PoolThread = { worker, job: undefined, stopTimer: undefined, told: new Set() }
    worker.on('message', (message: unknown) => {
      const { job } = thread
      if (isSecret(message)) registerSecret(message.tuttiSecret)
      else if (job !== undefined && isAnswerTo(job.call, message)) this.#finish(thread, () => settle(job, message.end))
    })
    worker.on('messageerror', (error) => {
      const { job } = thread
      if (job !== undefined) this.#finish(thread, () => settle(job, { type: 'stuck', problem: error.message }))
    })
    worker.on('error', (error: unknown) => this.#lost(thread, error))
    worker.on('exit', (code) => this.#lost(thread, new Error(`the thread ended with exit code ${code}`)))
    return thread
  }

  #give(job: Job, thread: PoolThread): void {
    thread.stopTimer?.()
    thread.worker.ref()
    thread.job = job
    job.thread = thread
    try {
      thread.worker.postMessage({ ...job.call, secrets: this.#newsFor(thread) })
    } catch (error) {
      this.#finish(thread, () => job.reject(argumentError(job.call, error)))
    }
  }

  /** Secrets that became known since it was last given a call. */
  #newsFor(thread: PoolThread): readonly string[] {
    const news = knownSecrets().filter((value) => !thread.told.has(value))
    for (const value of news) thread.told.add(value)
    return news
  }

  #finish(thread: PoolThread, tell: () => void): void {
    forget(thread.job)
    thread.job = undefined
    thread.worker.unref()
    thread.stopTimer = this.#clock.timer(IDLE_MS, () => this.#retire(thread))
    this.#idle.push(thread)
    tell()
    this.#next()
  }

  #retire(thread: PoolThread): void {
    const at = this.#idle.indexOf(thread)
    if (at < 0) return
    this.#idle.splice(at, 1)
    this.#size -= 1
    void thread.worker.terminate()
  }

  /** The thread is gone, with whatever it was doing. */
  #lost(thread: PoolThread, cause: unknown): void {
    const { job } = thread
    thread.job = undefined
    const at = this.#idle.indexOf(thread)
    if (at >= 0) this.#idle.splice(at, 1)
    if (at < 0 && job === undefined) return
    this.#size -= 1
    thread.stopTimer?.()
    forget(job)
    job?.reject(
      new TuttiError('THREAD_CRASHED', `the thread that ran ${nameOf(job.call)} ended before the call did: ${problemOf(cause)}`, { cause }),
    )
    this.#next()
  }

  #abort(job: Job): void {
    const { thread } = job
    if (thread === undefined) {
      this.#line = this.#line.filter((other) => other !== job)
    } else {
      thread.job = undefined
      this.#size -= 1
      void thread.worker.terminate()
    }
    job.reject(job.signal?.reason)
    this.#next()
  }
}

interface Job {
  readonly call: ThreadCall
  readonly signal: AbortSignal | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly onAbort: () => void
  thread: PoolThread | undefined
}

interface PoolThread {
  readonly worker: Worker
  job: Job | undefined
  stopTimer: (() => void) | undefined
  /** Secrets it was told of. */
  readonly told: Set<string>
}

function forget(job: Job | undefined): void {
  job?.signal?.removeEventListener('abort', job.onAbort)
}

function isAnswerTo({ callId }: ThreadCall, message: unknown): message is ThreadAnswer {
  return typeof message === 'object' && message !== null && 'callId' in message && message.callId === callId && 'end' in message
}

function isSecret(message: unknown): message is ThreadSecret {
  return typeof message === 'object' && message !== null && 'tuttiSecret' in message && typeof message.tuttiSecret === 'string'
}

function settle({ call, resolve, reject }: Job, end: ThreadEnd): void {
  switch (end.type) {
    case 'value':
      return resolve(end.value)
    case 'thrown':
      return reject(reviveThrown(end.error, processClasses()))
    case 'stuck':
      return reject(new TuttiError('THREAD_RESULT_NOT_CLONEABLE', `the result of ${nameOf(call)} cannot leave its thread: ${end.problem}`))
    case 'no function': {
      const there = end.exports.length === 0 ? 'it exports nothing' : `its exports are ${end.exports.join(', ')}`
      return reject(new TuttiError('THREAD_EXPORT_NOT_FOUND', `${call.module.file} exports no function ${call.exportName} (${there})`))
    }
  }
}

function argumentError(call: ThreadCall, cause: unknown): TuttiError {
  const at = call.args.findIndex((arg) => !isCloneable(arg))
  const which = at < 0 ? 'an argument' : `argument ${at + 1}`
  return new TuttiError('THREAD_ARGUMENT_NOT_CLONEABLE', `${which} of ${nameOf(call)} cannot be sent to a thread: ${problemOf(cause)}`, {
    cause,
  })
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

function nameOf({ module, exportName }: ThreadCall): string {
  return `${exportName} of ${basename(module.file)}`
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
