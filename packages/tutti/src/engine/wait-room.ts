import { TuttiError } from '../core/errors.ts'
import type { FlowRunCommand, FlowRun } from '../core/flow-run.ts'
import { schemaOutput } from '../core/parameters.ts'
import type { Instant } from '../core/time.ts'
import type { Pause } from '../core/wait.ts'
import type { ActiveRun } from './active-run.ts'
import { watchRest } from './suspend.ts'
import { tellObservers } from './run-telling.ts'
import { messageOf } from './thrown.ts'
import type { WaitCall } from './wait-call.ts'

/**
 * The waits of one attempt. While one of them is for somebody the run is Paused, for one wait at a time, and its beats tell when that is over.
 * What happens to the run's state happens one step after the other.
 */
export class WaitRoom {
  readonly #active: ActiveRun
  readonly #waits = new Set<WaitCall>()
  /** What the run is Paused for, in the store. */
  #pausedFor: WaitCall | undefined
  #steps: Promise<void> = Promise.resolve()
  #stepsLeft = 0
  #isFrozen = false
  #isWaking = false

  constructor(active: ActiveRun) {
    this.#active = active
  }

  get waits(): ReadonlySet<WaitCall> {
    return this.#waits
  }

  /** Nothing of it is on its way to the store. */
  get isQuiet(): boolean {
    return this.#stepsLeft === 0
  }

  /** The pause as the store has it; `null` when the run is Running. */
  pause(wakeAt: Instant): Pause | null {
    return this.#pausedFor?.pause(wakeAt) ?? null
  }

  add(wait: WaitCall): void {
    this.#waits.add(wait)
    this.#do(() => this.#pauseIfWanted())
    watchRest(this.#active)
  }

  remove(wait: WaitCall): void {
    this.#waits.delete(wait)
  }

  /** The time of a wait has come. */
  isOver(wait: WaitCall): void {
    this.#do(async () => {
      if (!wait.isOpen) return
      if (wait.definition.kind === 'sleep') return wait.complete(undefined)
      if (this.#pausedFor !== wait) return wait.expire()
      // Whoever comes last is told: either the time is over, or there is an answer.
      if (!(await this.#command({ type: 'wake', message: 'The time of what the flow waited for is over.' }))) return this.#takeAnswer()
      this.#pausedFor = undefined
      this.#listen(false)
      wait.expire()
      await this.#pauseIfWanted()
    })
  }

  /** The store says that the run is Paused no longer. */
  wake(): void {
    if (this.#isWaking) return
    this.#isWaking = true
    this.#do(async () => {
      this.#isWaking = false
      if (this.#pausedFor !== undefined) await this.#takeAnswer()
    })
  }

  /** While the process is being given back nothing else happens. */
  freeze(): void {
    this.#isFrozen = true
  }

  /** The process stays after all. */
  thaw(): void {
    this.#isFrozen = false
    this.#do(() => this.#pauseIfWanted())
    const now = this.#active.engine.clock.now()
    for (const wait of this.#waits) if (wait.until <= now) this.isOver(wait)
  }

  /** The process is given back. */
  leave(): void {
    for (const wait of this.#waits) wait.stopTimer()
    this.#waits.clear()
  }

  #do(step: () => Promise<void>): void {
    this.#stepsLeft += 1
    this.#steps = this.#steps
      .then(() => (this.#isFrozen || this.#active.halt !== undefined || this.#active.ended ? undefined : step()))
      .catch((error: unknown) => this.#active.break(error))
      .finally(() => {
        this.#stepsLeft -= 1
      })
  }

  async #pauseIfWanted(): Promise<void> {
    if (this.#pausedFor?.isOpen === true) return
    const { engine, run } = this.#active
    for (const wait of this.#waits) {
      if (wait.definition.kind === 'sleep') continue
      if (wait.mayBeAnswered) {
        wait.mayBeAnswered = false
        const answer = await engine.orchestrator.waits.answer(run.id, wait.id)
        if (answer !== null && (await this.#give(wait, answer))) continue
      }
      if (!wait.isOpen) continue
      if (!(await this.#command({ type: 'pause', pause: wait.pause(wait.until), message: wait.message }))) return
      this.#pausedFor = wait
      this.#active.log.info(wait.message)
      return this.#listen(true)
    }
  }

  async #takeAnswer(): Promise<void> {
    const wait = this.#pausedFor
    if (wait === undefined) return
    this.#pausedFor = undefined
    const { engine, run } = this.#active
    const current = await engine.orchestrator.flowRuns.get(run.id)
    if (current.attempt !== run.attempt) return
    this.#stands(current)
    this.#listen(false)
    const answer = await engine.orchestrator.waits.answer(run.id, wait.id)
    if (answer !== null) await this.#give(wait, answer)
    await this.#pauseIfWanted()
  }

  /** Hands an answer to the flow's code. `false`: the wait's schema does not take it, so it goes on waiting. */
  async #give(wait: WaitCall, answer: string): Promise<boolean> {
    const { schema } = wait.definition
    const read = schema === null ? { value: undefined } : await schemaOutput(schema, JSON.parse(answer) as unknown, 'input')
    if ('value' in read) {
      wait.complete(read.value)
      return true
    }
    wait.problem = read.problem
    this.#active.log.warn(`what was given to ${wait.name} was not taken, the run waits on: ${read.problem}`)
    return false
  }

  #listen(isWaiting: boolean): void {
    this.#active.listen(isWaiting)
  }

  #stands(run: FlowRun): void {
    this.#active.run = run
    tellObservers(this.#active)
  }

  /** `false`: the run is not where this process thinks it is; its beats tell. */
  async #command(command: FlowRunCommand): Promise<boolean> {
    const { engine, run } = this.#active
    const answer = await engine.journal.write({ type: 'command', flowRunId: run.id, attempt: run.attempt, command, parent: null })
    if (answer.type === 'run') {
      this.#stands(answer.run)
      return true
    }
    if (answer.type === 'refused' && answer.code === 'TRANSITION_REJECTED') return false
    const reason = answer.type === 'refused' ? answer.reason : 'the store gave no run'
    throw new TuttiError(
      answer.type === 'refused' ? answer.code : 'STORE_FAILED',
      `that flow run ${run.name} (${run.id}) waits could not be recorded: ${messageOf(reason)}`,
    )
  }
}
