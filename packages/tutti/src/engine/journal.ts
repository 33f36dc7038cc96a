import { TuttiError } from '../core/errors.ts'
import type { JournalAnswer, JournalOperation, JournalOperations } from '../core/orchestrator.ts'

/** Rows in one flush: beyond this a transaction gains nothing (100 rows are the knee) and delays what waits behind it. */
const FLUSH_MAX = 500
/** Operations that may wait before calls that have ended keep their places: a few flushes. */
const CROWD = 2_000
/** Log lines, and characters of them, that may wait for the store; beyond it they are dropped and counted. Checkpoints make their callers wait anyway. */
const LOGS_QUEUED_MAX = 100_000
const LOG_CHARACTERS_QUEUED_MAX = 32_000_000

/**
 * One operation on its way to the store. `build` is called when the flush is put together, so an operation describes how things stand
 * at that moment: a task that began and ended between two flushes is one row. `undefined`: a later operation has taken this one's place.
 */
export interface JournalEntryWriter {
  build(): JournalOperation | undefined
  /** The store's answer; `failure` when nothing of the flush was written. */
  settle(answer: JournalAnswer | undefined, failure: unknown): void
}

/**
 * The process's way to the store: group commit. A flush starts when nothing is in flight and the current turn of the event loop is over,
 * else when the flush before it returned. Order is kept.
 */
export class Journal {
  readonly #operations: JournalOperations
  #queue: JournalEntryWriter[] = []
  #head = 0
  #logsQueued = 0
  #logCharactersQueued = 0
  #logsDropped = 0
  #scheduled = false
  #inFlight = false
  #idle: (() => void)[] = []

  constructor(operations: JournalOperations) {
    this.#operations = operations
  }

  /** The store does not follow: more waits for it than a few flushes take. */
  get crowded(): boolean {
    return this.#queue.length - this.#head > CROWD
  }

  push(writer: JournalEntryWriter): void {
    this.#queue.push(writer)
    this.#schedule()
  }

  /** Queues an operation and tells its answer; rejects with the store's error. */
  write(operation: JournalOperation): Promise<JournalAnswer> {
    return this.writeBuilt(() => operation)
  }

  /** As `write`, for an operation that is put together with its flush; `settled` is called in the order of the flush. */
  writeBuilt(build: () => JournalOperation, settled?: () => void): Promise<JournalAnswer> {
    return new Promise((resolve, reject) => {
      this.push({
        build,
        settle(answer, failure) {
          if (answer === undefined) return reject(failure)
          if (answer.type !== 'refused') settled?.()
          resolve(answer)
        },
      })
    })
  }

  /** Logs ride along with what is written anyway. Beyond the bound they are dropped and counted: a chatty loop must not fill the memory. */
  log(operation: JournalOperation & { type: 'log' }): void {
    const { length } = operation.record.message
    if (this.#logsQueued >= LOGS_QUEUED_MAX || this.#logCharactersQueued + length > LOG_CHARACTERS_QUEUED_MAX) {
      this.#logsDropped += 1
      return
    }
    this.#logsQueued += 1
    this.#logCharactersQueued += length
    this.push({
      build: () => operation,
      settle: () => {
        this.#logsQueued -= 1
        this.#logCharactersQueued -= length
      },
    })
  }

  get logsDropped(): number {
    return this.#logsDropped
  }

  /** How many log lines were dropped since the last call. */
  takeDroppedLogs(): number {
    const dropped = this.#logsDropped
    this.#logsDropped = 0
    return dropped
  }

  /** Resolves when everything queued so far has been answered. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /**
   * Hands everything queued to the store within this call, for a process that is about to end. A store in this process has written it
   * when the call returns.
   */
  drainNow(last: readonly JournalOperation[]): readonly JournalOperation[] {
    const operations = this.#queue
      .slice(this.#head)
      .map((writer) => writer.build())
      .filter((operation) => operation !== undefined)
    this.#queue = []
    this.#head = 0
    // Nothing at all must not become a request, which would keep the process from its end.
    if (operations.length + last.length === 0) return []
    // The process ends in this turn: there is nobody left to tell of an error.
    void this.#operations.flush([...operations, ...last]).catch(() => undefined)
    return operations
  }

  #isIdle(): boolean {
    return this.#head === this.#queue.length && !this.#inFlight
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      void this.#flush()
    })
  }

  async #flush(): Promise<void> {
    const operations: JournalOperation[] = []
    const writers: JournalEntryWriter[] = []
    this.#take(operations, writers)
    if (operations.length === 0) return this.#told()
    this.#inFlight = true
    let answers: readonly JournalAnswer[] | undefined
    let failure: unknown
    try {
      answers = await this.#operations.flush(operations)
    } catch (error) {
      failure = error instanceof TuttiError ? error : new TuttiError('STORE_FAILED', 'the journal could not be written', { cause: error })
    }
    this.#inFlight = false
    for (let index = 0; index < writers.length; index++) writers[index]!.settle(answers?.[index], failure)
    if (this.#head < this.#queue.length) this.#schedule()
    else this.#told()
  }

  #take(operations: JournalOperation[], writers: JournalEntryWriter[]): void {
    while (this.#head < this.#queue.length && operations.length < FLUSH_MAX) {
      const writer = this.#queue[this.#head++]!
      const operation = writer.build()
      if (operation === undefined) continue
      operations.push(operation)
      writers.push(writer)
    }
    if (this.#head === this.#queue.length) {
      this.#queue = []
      this.#head = 0
    } else if (this.#head > 4096) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  #told(): void {
    const waiting = this.#idle
    this.#idle = []
    for (const resolve of waiting) resolve()
  }
}
