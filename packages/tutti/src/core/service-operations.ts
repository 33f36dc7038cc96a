import type { Instant } from './time.ts'

/** What only the services of a server ask: work that time makes, not a request. Each call does a bounded part; what is left comes with the next. */
export interface ServiceOperations {
  /** When the next waiting run will be late; `null`: none waits. Changes nothing. */
  nextLate(): Promise<Instant | null>
  /** Runs that nobody has taken 15 seconds after their time are marked as Late; tells how many. */
  markLate(limit: number): Promise<number>
  /**
   * The scheduler looks, and when nobody had for longer than `downAfterMs`, what was due meanwhile is run or left out as each schedule says
   * (`catchUp`). Tells how many deployments were looked at for that.
   */
  catchUp(downAfterMs: number): Promise<number>
  /** Cancels waiting runs that their schedule lets expire; tells how many. */
  expireLate(limit: number): Promise<number>
  /** When the next pause runs out; `null`: none does. Changes nothing. */
  nextPauseExpiry(): Promise<Instant | null>
  /** Runs whose pause ran out have failed; tells how many. */
  expirePauses(limit: number): Promise<number>
  /**
   * What a cancelled run left behind ends too: its task runs, its sub-flow runs, theirs in turn. A run that has been Cancelling for five
   * minutes without anybody holding it is Cancelled. Tells how many runs were touched.
   */
  cleanCancelled(limit: number): Promise<number>
  /** Deployments that nobody has asked for runs for a minute are not ready; tells how many. */
  markNeglected(): Promise<number>
  /** Deletes up to `limit` events that are older; tells how many. */
  retainEvents(olderThanDays: number, limit: number): Promise<number>
  /** Counts ended runs of up to `limit` quarters of an hour that have passed or changed: what quick counts are made of. Tells whether more wait. */
  countRuns(limit: number): Promise<boolean>
  /** Of several servers on one database one has the turn, until it has been silent for `forMs`. `true`: the holder has it, for so long from now. */
  takeTurn(service: string, holder: string, forMs: number): Promise<boolean>
  /** Gives the turns of a holder back, so that another server need not wait for them. */
  endTurns(holder: string): Promise<void>
}
