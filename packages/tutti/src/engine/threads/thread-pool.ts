import { availableParallelism } from 'node:os'
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TuttiError } from '../../core/errors.ts'
import type { Clock } from '../../core/time.ts'
import { systemClock } from '../../system/clock.ts'
import { processClasses } from '../class-registry.ts'
import { reviveThrown } from '../error-data.ts'
import type { ThreadAnswer, ThreadCall } from './messages.ts'

/** How long a thread without work is kept: starting one takes about 30 ms, and loading the user's module what it takes. */
const IDLE_MS = 10_000

/**
 * The worker threads of a process: as many as it has cores, each with one call at a time; calls beyond that wait in line. A thread that
 * ends in the middle of a call fails that call only. Threads without work do not keep the process alive.
 */
export class ThreadPool {
  readonly #sizeMax: number
  readonly #clock: Clock
  readonly #idle: PoolThread[] = []
  #line: Job[] = []
  #size = 0

  constructor({ sizeMax = availableParallelism(), clock = systemClock() }: { readonly sizeMax?: number; readonly clock?: Clock } = {}) {
    this.#sizeMax = sizeMax
    this.#clock = clock
  }

  /**
   * Runs one call. When the signal aborts, its thread is ended at once: code that computes cannot listen.
   *
   * @throws what the function threw; the signal's reason; `THREAD_CRASHED`, `THREAD_EXPORT_NOT_FOUND`, `THREAD_ARGUMENT_NOT_CLONEABLE` or
   * `THREAD_RESULT_NOT_CLONEABLE`.
   */
  run(call: ThreadCall, signal?: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error)
      const job: Job = { call, signal, resolve, reject, onAbort: () => this.#abort(job), thread: undefined }
      signal?.addEventListener('abort', job.onAbort, { once: true })
      this.#line.push(job)
      this.#next()
    })
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
    const thread: PoolThread = { worker, job: undefined, stopTimer: undefined }
    worker.on('message', (answer: ThreadAnswer) => this.#answered(thread, answer))
    worker.on('messageerror', (error) => this.#answered(thread, { type: 'stuck', problem: error.message }))
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
      thread.worker.postMessage(job.call)
    } catch (error) {
      this.#finish(thread, () => job.reject(argumentError(job.call, error)))
    }
  }

  #answered(thread: PoolThread, answer: ThreadAnswer): void {
    const { job } = thread
    if (job !== undefined) this.#finish(thread, () => settle(job, answer))
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
}

function forget(job: Job | undefined): void {
  job?.signal?.removeEventListener('abort', job.onAbort)
}

function settle({ call, resolve, reject }: Job, answer: ThreadAnswer): void {
  switch (answer.type) {
    case 'value':
      return resolve(answer.value)
    case 'thrown':
      return reject(reviveThrown(answer.error, processClasses()))
    case 'stuck':
      return reject(
        new TuttiError('THREAD_RESULT_NOT_CLONEABLE', `the result of ${nameOf(call)} cannot leave its thread: ${answer.problem}`),
      )
    case 'no function': {
      const there = answer.exports.length === 0 ? 'it exports nothing' : `its exports are ${answer.exports.join(', ')}`
      return reject(new TuttiError('THREAD_EXPORT_NOT_FOUND', `${call.module.file} exports no function ${call.exportName} (${there})`))
    }
  }
}

function argumentError(call: ThreadCall, cause: unknown): TuttiError {
  return new TuttiError('THREAD_ARGUMENT_NOT_CLONEABLE', `an argument of ${nameOf(call)} cannot be sent to a thread: ${problemOf(cause)}`, {
    cause,
  })
}

function nameOf({ module, exportName }: ThreadCall): string {
  return `${exportName} of ${basename(module.file)}`
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
