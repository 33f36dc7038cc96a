import { Refusal } from './refusal.ts'
import type { IJob } from './wire.ts'

/** What the next requests or jobs meet. Members that are left out mean: any, once, 503 backendError. */
export interface Fault {
  /** A pattern for `METHOD /path?query` of a request, or for the text of a job's configuration. */
  readonly match?: string
  readonly count?: number
  readonly status?: number
  readonly reason?: string
  readonly message?: string
  /** The connection is cut instead of an answer. */
  readonly drop?: boolean
  /** There is no answer at all. */
  readonly hang?: boolean
  /** What was asked for is done; only its answer is lost. */
  readonly afterwards?: boolean
}

/** A job that is kept waiting. */
export interface Hold {
  /** The id of the first job that waits here. */
  readonly reached: Promise<string>
  release(): void
}

interface Pending {
  readonly fault: Fault
  left: number
}

/** What tests ask for: answers that go wrong, jobs that fail, and jobs that take until they are let go. */
export class Cues {
  readonly #requests: Pending[] = []
  readonly #jobs: Pending[] = []
  readonly #holds: { readonly pattern: RegExp; readonly reached: (jobId: string) => void; readonly released: Promise<void> }[] = []

  failRequests(fault: Fault): void {
    this.#requests.push({ fault, left: fault.count ?? 1 })
  }

  failJobs(fault: Fault): void {
    this.#jobs.push({ fault, left: fault.count ?? 1 })
  }

  forget(): void {
    this.#requests.length = 0
    this.#jobs.length = 0
  }

  hold(match: string): Hold {
    const reached = Promise.withResolvers<string>()
    const released = Promise.withResolvers<void>()
    const entry = { pattern: new RegExp(match), reached: reached.resolve, released: released.promise }
    this.#holds.push(entry)
    const release = (): void => {
      this.#holds.splice(this.#holds.indexOf(entry), 1)
      released.resolve()
    }
    return { reached: reached.promise, release }
  }

  /** The fault that this request meets, if any. */
  forRequest(line: string): Fault | undefined {
    return take(this.#requests, line)
  }

  /** Throws what this job meets, if anything. */
  failJob(job: IJob): void {
    const fault = take(this.#jobs, JSON.stringify(job.configuration))
    if (fault !== undefined) throw refusalOf(fault)
  }

  /** Resolves when the job may go on or is cancelled. */
  async held(job: IJob, signal: AbortSignal): Promise<void> {
    const text = JSON.stringify(job.configuration)
    const hold = this.#holds.find(({ pattern }) => pattern.test(text))
    if (hold === undefined) return
    hold.reached(job.jobReference?.jobId ?? '')
    const cancelled = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => cancelled.resolve(), { once: true })
    await Promise.race([hold.released, cancelled.promise])
  }
}

export function refusalOf({
  status = 503,
  reason = 'backendError',
  message = 'Visibility check was unavailable. Please retry the request',
}: Fault): Refusal {
  return new Refusal(status, reason, message)
}

function take(pending: Pending[], text: string): Fault | undefined {
  const index = pending.findIndex(({ fault }) => new RegExp(fault.match ?? '').test(text))
  const found = pending[index]
  if (found === undefined) return undefined
  found.left -= 1
  if (found.left <= 0) pending.splice(index, 1)
  return found.fault
}
