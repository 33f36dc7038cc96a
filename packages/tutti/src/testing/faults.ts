import { TuttiError } from '../core/errors.ts'

/** Which store call: the `at`-th from now on (1 is the next), counting all calls or those of one kind. */
export interface FaultPlace {
  readonly at: number
  readonly kind?: StoreCallKind
}

export type StoreCallKind = 'read' | 'write'

export type FaultError = 'disk full' | 'i/o error' | 'busy' | Error

/** What goes wrong at a store call. Made by `Faults`, met by the faulty store. */
export type Fault =
  | { readonly type: 'fail'; readonly error: FaultError }
  | { readonly type: 'lose answer' }
  | { readonly type: 'crash'; readonly when: 'before' | 'after' }
  | { readonly type: 'pause'; readonly gate: Gate }

interface Gate {
  readonly released: Promise<void>
  reach(): void
}

/** A store call that is held. */
export interface Pause {
  /** Resolves when the call has come. */
  readonly reached: Promise<void>
  release(): void
}

/** Faults on cue: counts the store calls of a process and lets chosen ones go wrong. */
export class Faults {
  #reads = 0
  #writes = 0
  #planned: { readonly from: number; readonly to: number; readonly kind: StoreCallKind | undefined; readonly fault: Fault }[] = []

  /** Store calls so far. Run once without faults to learn how many there are, then let each of them fail. */
  get calls(): number {
    return this.#reads + this.#writes
  }

  get reads(): number {
    return this.#reads
  }

  get writes(): number {
    return this.#writes
  }

  /** The call changes nothing and fails; `times` calls in a row do, default 1. */
  fail(place: FaultPlace & { readonly with?: FaultError; readonly times?: number }): void {
    this.#plan(place, { type: 'fail', error: place.with ?? 'i/o error' }, place.times ?? 1)
  }

  /** The call is committed, but its caller is told that it failed. */
  loseAnswer(place: FaultPlace): void {
    this.#plan(place, { type: 'lose answer' })
  }

  /** The process is killed just before the call does anything, or just after it was committed. */
  crash(place: FaultPlace & { readonly when: 'before' | 'after' }): void {
    this.#plan(place, { type: 'crash', when: place.when })
  }

  /** The call waits until it is released. */
  pause(place: FaultPlace): Pause {
    const reached = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    this.#plan(place, { type: 'pause', gate: { released: released.promise, reach: reached.resolve } })
    return { reached: reached.promise, release: released.resolve }
  }

  /** Nothing goes wrong any more; calls that are held stay so until they are released. */
  clear(): void {
    this.#planned = []
  }

  /** @internal Counts a call and tells what goes wrong with it. */
  next(kind: StoreCallKind): Fault | undefined {
    if (kind === 'read') this.#reads += 1
    else this.#writes += 1
    return this.#planned.find((plan) => {
      if (plan.kind !== undefined && plan.kind !== kind) return false
      const number = this.#count(plan.kind)
      return number >= plan.from && number <= plan.to
    })?.fault
  }

  #plan({ at, kind }: FaultPlace, fault: Fault, times = 1): void {
    if (!(at >= 1)) throw new TuttiError('INVALID_OPTION', `a fault at store call ${at}: calls are counted from 1`)
    const from = this.#count(kind) + at
    this.#planned.push({ from, to: from + times - 1, kind, fault })
  }

  #count(kind: StoreCallKind | undefined): number {
    return kind === undefined ? this.calls : kind === 'read' ? this.#reads : this.#writes
  }
}

/** The error a fault stands for, as a store would throw it. */
export function errorOf(error: FaultError): Error {
  switch (error) {
    case 'disk full':
      return new TuttiError('STORE_FAILED', 'the database cannot be written: database or disk is full (a fault on cue)')
    case 'i/o error':
      return new TuttiError('STORE_FAILED', 'the database cannot be written: disk I/O error (a fault on cue)')
    case 'busy':
      return new TuttiError('STORE_BUSY', 'the database has been locked for 60 s by another process (a fault on cue)')
    default:
      return error
  }
}
