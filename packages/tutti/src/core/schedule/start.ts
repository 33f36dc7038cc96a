import { after, formatInstant } from '../time.ts'
import type { Instant } from '../time.ts'
import type { Overlap } from './definition.ts'

/** What is known when a run of a schedule is about to start. */
export interface StartFacts {
  readonly dueAt: Instant
  readonly expiresAt: Instant | null
  readonly overlap: Overlap
  /** Runs of the schedule that were to start before and have not ended, the first one first. */
  readonly former: readonly FormerRun[]
}

export interface FormerRun {
  readonly id: string
  readonly name: string
}

export type StartDecision =
  | { readonly type: 'start' }
  /** It ends as Cancelled, under a name of its own. */
  | { readonly type: 'skip'; readonly name: 'Skipped' | 'Expired'; readonly message: string }
  | { readonly type: 'wait'; readonly until: Instant; readonly message: string; readonly cancel: readonly FormerRun[] }

/** How soon a run that waits for another one looks again. */
const LOOK_AGAIN_MS = 5_000
/** As above, for one that is being cancelled. */
const CANCELLED_WITHIN_MS = 1_000

/** Whether a run of a schedule starts now, by the rules of that schedule. */
export function decideStart({ dueAt, expiresAt, overlap, former }: StartFacts, now: Instant): StartDecision {
  if (expiresAt !== null && now > expiresAt) return { type: 'skip', name: 'Expired', message: expiredMessage(dueAt, expiresAt) }
  const [first] = former
  if (first === undefined) return { type: 'start' }
  const named = `flow run ${first.name} (${first.id}) of the same schedule`
  switch (overlap) {
    case 'allow':
      return { type: 'start' }
    case 'skip':
      return { type: 'skip', name: 'Skipped', message: `It was due while ${named} had not ended, and the schedule skips such runs.` }
    case 'queue':
      return { type: 'wait', until: after(now, LOOK_AGAIN_MS), message: `It waits until ${named} has ended.`, cancel: [] }
    case 'cancel-running':
      return { type: 'wait', until: after(now, CANCELLED_WITHIN_MS), message: `It waits until ${named} is cancelled.`, cancel: former }
  }
}

export function expiredMessage(dueAt: Instant, expiresAt: Instant): string {
  return `It was due at ${formatInstant(dueAt)} and had not started by ${formatInstant(expiresAt)}, when the schedule lets such runs expire.`
}
