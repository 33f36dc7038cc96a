import { artifact } from 'tutti'
import type { ProgressArtifact } from 'tutti'

/** How far something is. */
export interface Told {
  readonly bytes?: number | undefined
  readonly totalBytes?: number | undefined
  readonly files?: number | undefined
  /** Where it is not a share of bytes. */
  readonly percent?: number | null | undefined
  /** What else there is to say. */
  readonly about?: string | undefined
}

export interface ShowingOptions {
  /** Asked once, when something is shown for the first time. */
  readonly totalBytes?: (() => Promise<number>) | undefined
  readonly now?: (() => number) | undefined
  /** Where it is shown. */
  readonly open?: typeof artifact.progress | undefined
}

/** What is over sooner shows nothing: its result says all. */
const QUIET_MS = 1_000
/** Between two writes. */
const EVERY_MS = 5_000

/**
 * Does something long with a progress for people in the task it is called in: a bar, and bytes, files and rate in words. It is written every
 * few seconds at most. That it cannot be written never fails what it is about.
 */
export async function withProgress<T>(what: string, options: ShowingOptions, work: (tell: (told: Told) => void) => Promise<T>): Promise<T> {
  const shown = new ShownProgress(what, options)
  const result = await work((told) => shown.tell(told))
  await shown.end()
  return result
}

class ShownProgress {
  readonly #what: string
  readonly #now: () => number
  readonly #open: typeof artifact.progress
  readonly #askTotal: (() => Promise<number>) | undefined
  readonly #since: number
  #writtenAt: number | undefined
  #last: Told = {}
  #total: number | undefined
  #artifact: ProgressArtifact | undefined
  #writing: Promise<void> = Promise.resolve()
  #isWriting = false

  constructor(what: string, { totalBytes, now = Date.now, open = artifact.progress }: ShowingOptions) {
    this.#what = what
    this.#now = now
    this.#open = open
    this.#askTotal = totalBytes
    this.#since = now()
  }

  tell(told: Told): void {
    this.#last = told
    const now = this.#now()
    const isDue = this.#writtenAt === undefined ? now - this.#since >= QUIET_MS : now - this.#writtenAt >= EVERY_MS
    if (!isDue || this.#isWriting) return
    this.#writtenAt = now
    this.#isWriting = true
    this.#writing = this.#write(percentOf(told, this.#total)).finally(() => (this.#isWriting = false))
  }

  async end(): Promise<void> {
    await this.#writing
    if (this.#artifact !== undefined) await this.#write(100)
  }

  async #write(percent: number): Promise<void> {
    try {
      const description = `${this.#what}: ${this.#words()}`
      if (this.#artifact === undefined) {
        this.#artifact = await this.#open({ percent, description })
        this.#total = await this.#askTotal?.()
        return
      }
      await this.#artifact.update(percent, { description })
    } catch {
      // What is shown is not what is asked for; the next write may succeed.
    }
  }

  #words(): string {
    const { bytes, files, about } = this.#last
    const total = this.#last.totalBytes ?? this.#total
    const seconds = Math.max((this.#now() - this.#since) / 1000, 0.001)
    return [
      bytes === undefined ? undefined : `${sizeText(bytes)}${total === undefined ? '' : ` of ${sizeText(total)}`}`,
      files === undefined ? undefined : `${files.toLocaleString('en')} ${files === 1 ? 'file' : 'files'}`,
      bytes === undefined ? undefined : `${sizeText(bytes / seconds)}/s`,
      about,
      `${Math.round(seconds)} s`,
    ]
      .filter((part) => part !== undefined)
      .join(', ')
  }
}

function percentOf({ bytes = 0, totalBytes, percent }: Told, total: number | undefined): number {
  if (percent !== undefined) return percent ?? 0
  const all = totalBytes ?? total ?? 0
  return all === 0 ? 0 : Math.floor(Math.min(1, bytes / all) * 100)
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

export function sizeText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  return `${unit === 0 ? Math.round(bytes) : (bytes / 1024 ** unit).toFixed(1)} ${UNITS[unit]}`
}
