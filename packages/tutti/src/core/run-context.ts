import type { FlowRun } from './flow-run.ts'
import { JsonText } from './literal-json.ts'
import type { Overlap } from './schedule/definition.ts'
import { formatInstant, parseInstant } from './time.ts'
import type { Instant } from './time.ts'

/** What a schedule or a backfill says of a run it makes; kept in the run's context, beside what others keep there. */
export interface MadeBySchedule {
  /** What the run is about, whenever it starts: the schedule's own time. */
  readonly logicalDate?: Instant
  /** Not started by then, the run is cancelled. */
  readonly expiresAt?: Instant
  readonly overlap?: Overlap
  readonly backfillId?: string
}

const KEYS = {
  logicalDate: 'tutti.logicalDate',
  expiresAt: 'tutti.expiresAt',
  overlap: 'tutti.overlap',
  backfillId: 'tutti.backfillId',
} as const

export function contextOf({ logicalDate, expiresAt, overlap, backfillId }: MadeBySchedule): JsonText {
  return JsonText.of({
    ...(logicalDate === undefined ? undefined : { [KEYS.logicalDate]: formatInstant(logicalDate) }),
    ...(expiresAt === undefined ? undefined : { [KEYS.expiresAt]: formatInstant(expiresAt) }),
    ...(overlap === undefined || overlap === 'allow' ? undefined : { [KEYS.overlap]: overlap }),
    ...(backfillId === undefined ? undefined : { [KEYS.backfillId]: backfillId }),
  })
}

/** What of a run's context is ours; whatever else is in it, or cannot be read, says nothing. */
export function madeBySchedule(context: JsonText | undefined): MadeBySchedule {
  // Almost every context has none of it, and is not read.
  if (context === undefined || !context.text.includes('"tutti.')) return {}
  const all = context.plain()
  if (typeof all !== 'object' || all === null) return {}
  const text = (key: string): string | undefined => {
    const value = (all as Readonly<Record<string, unknown>>)[key] // an object, see above
    return typeof value === 'string' ? value : undefined
  }
  const logicalDate = parseInstant(text(KEYS.logicalDate) ?? '')
  const expiresAt = parseInstant(text(KEYS.expiresAt) ?? '')
  const overlap = (['skip', 'queue', 'cancel-running'] as const).find((each) => each === text(KEYS.overlap))
  const backfillId = text(KEYS.backfillId)
  return {
    ...(logicalDate === undefined ? undefined : { logicalDate }),
    ...(expiresAt === undefined ? undefined : { expiresAt }),
    ...(overlap === undefined ? undefined : { overlap }),
    ...(backfillId === undefined ? undefined : { backfillId }),
  }
}

/** Under which a run that runs another one again says of which. */
export const RERUN_KEY = 'tutti.rerun'

/** Whether nothing can have been recorded for the run yet: it has begun for the first time, and takes nothing over from another run. */
export function isUntouched({ attempt, dispatch }: Pick<FlowRun, 'attempt' | 'dispatch'>): boolean {
  return attempt === 1 && dispatch?.context.text.includes(`"${RERUN_KEY}"`) !== true
}
