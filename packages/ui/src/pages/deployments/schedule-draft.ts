// A schedule while it is edited: texts as they are typed, and what they mean.
import type { DeploymentSchedule, ScheduleBody } from '../../queries.ts'

export type ScheduleKind = 'cron' | 'interval' | 'rrule'

export interface ScheduleDraft {
  readonly kind: ScheduleKind
  readonly cron: string
  readonly dayOr: boolean
  readonly every: string
  readonly unit: IntervalUnit
  readonly anchor: string
  readonly rrule: string
  readonly timezone: string
  readonly slug: string
  readonly jitter: string
  readonly expiresAfter: string
  readonly overlap: 'allow' | 'skip' | 'queue' | 'cancel_running'
  readonly catchUp: 'all' | 'latest' | 'none'
  readonly calendar: string
  readonly rule: 'skip' | 'roll_forward' | 'roll_back'
  readonly parameters: unknown
}

/** What a part of the form needs that changes a draft. */
export interface DraftPartProps {
  readonly draft: ScheduleDraft
  readonly errors: Partial<Readonly<Record<keyof ScheduleDraft, string>>>
  readonly change: (changed: Partial<ScheduleDraft>) => void
}

export const INTERVAL_UNITS = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400, weeks: 604_800 } as const
export type IntervalUnit = keyof typeof INTERVAL_UNITS

export function newDraft(timezone: string): ScheduleDraft {
  return {
    kind: 'cron',
    cron: '0 6 * * *',
    dayOr: true,
    every: '1',
    unit: 'hours',
    anchor: '',
    rrule: 'FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0',
    timezone,
    slug: '',
    jitter: '',
    expiresAfter: '',
    overlap: 'allow',
    catchUp: 'latest',
    calendar: '',
    rule: 'skip',
    parameters: {},
  }
}

export function draftOf({ schedule, options, slug, parameters }: DeploymentSchedule): ScheduleDraft {
  const blank = newDraft(schedule.timezone ?? 'UTC')
  const common: ScheduleDraft = {
    ...blank,
    slug: slug ?? '',
    parameters,
    jitter: secondsText(options?.jitter),
    expiresAfter: secondsText(options?.expires_after),
    overlap: options?.overlap ?? 'allow',
    catchUp: options?.catch_up ?? 'latest',
    calendar: options?.calendar?.name ?? '',
    rule: options?.calendar?.rule ?? 'skip',
  }
  if ('cron' in schedule) return { ...common, kind: 'cron', cron: schedule.cron, dayOr: schedule.day_or }
  if ('rrule' in schedule) return { ...common, kind: 'rrule', rrule: schedule.rrule }
  const units = Object.keys(INTERVAL_UNITS) as IntervalUnit[] // its own keys
  const unit = units.findLast((each) => schedule.interval % INTERVAL_UNITS[each] === 0) ?? 'seconds'
  return { ...common, kind: 'interval', every: String(schedule.interval / INTERVAL_UNITS[unit]), unit, anchor: schedule.anchor_date }
}

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
]

/** `90m`, as durations are written everywhere. */
export function secondsText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || seconds === 0) return ''
  const [unit, size] = UNITS.find(([, each]) => seconds % each === 0) ?? ['s', 1]
  return `${seconds / size}${unit}`
}

/** `30`, `30s`, `15m`, `2h`, `1d`; `undefined` for what is none. Nothing is `null`. */
export function secondsOf(text: string): number | null | undefined {
  if (text.trim() === '') return null
  const found = /^(\d+(?:\.\d+)?)\s*([dhms])?$/.exec(text.trim().toLowerCase())
  if (found === null) return undefined
  return Number(found[1]) * (UNITS.find(([unit]) => unit === (found[2] ?? 's'))?.[1] ?? 1)
}

export interface DraftMeaning {
  /** `undefined` as long as something is wrong with it. */
  readonly schedule: NonNullable<ScheduleBody['schedule']> | undefined
  readonly options: NonNullable<ScheduleBody['options']>
  readonly errors: Partial<Readonly<Record<keyof ScheduleDraft, string>>>
}

export function meaningOf(draft: ScheduleDraft, isZone: (zone: string) => boolean): DraftMeaning {
  const errors: Partial<Record<keyof ScheduleDraft, string>> = {}
  const span = (field: 'jitter' | 'expiresAfter'): number | null => {
    const seconds = secondsOf(draft[field])
    if (seconds === undefined) errors[field] = 'A duration such as 30s, 15m, 2h or 1d is expected.'
    return seconds ?? null
  }
  const zone = draft.timezone.trim()
  if (zone === 'local' || !isZone(zone)) errors.timezone = 'A time zone of the IANA list is expected, such as Europe/Vienna.'
  const options = {
    jitter: span('jitter'),
    expires_after: span('expiresAfter'),
    overlap: draft.overlap,
    catch_up: draft.catchUp,
    calendar: draft.calendar === '' ? null : { name: draft.calendar, rule: draft.rule },
  }
  const schedule = scheduleOf(draft, zone, errors)
  return { schedule: Object.keys(errors).length === 0 ? schedule : undefined, options, errors }
}

function scheduleOf(
  draft: ScheduleDraft,
  timezone: string,
  errors: Partial<Record<keyof ScheduleDraft, string>>,
): NonNullable<ScheduleBody['schedule']> {
  switch (draft.kind) {
    case 'cron': {
      const cron = draft.cron.trim()
      const fields = cron.split(/\s+/).length
      if (cron === '') errors.cron = 'An expression of five fields is expected.'
      else if (fields < 5 && !cron.startsWith('@'))
        errors.cron = `Five fields are expected; there ${fields === 1 ? 'is 1' : `are ${fields}`}.`
      return { cron, timezone, day_or: draft.dayOr }
    }
    case 'interval': {
      const count = Number(draft.every)
      if (!(count > 0)) errors.every = 'A number above 0 is expected.'
      const anchor = draft.anchor.trim() === '' ? null : new Date(draft.anchor)
      if (anchor !== null && Number.isNaN(anchor.getTime())) errors.anchor = 'A moment such as 2026-01-01T06:00:00Z is expected.'
      const date = anchor === null || Number.isNaN(anchor.getTime()) ? null : anchor.toISOString()
      return { interval: count * INTERVAL_UNITS[draft.unit], anchor_date: date, timezone }
    }
    case 'rrule':
      if (!/FREQ=/i.test(draft.rrule)) errors.rrule = 'A rule such as FREQ=WEEKLY;BYDAY=MO is expected.'
      return { rrule: draft.rrule.trim(), timezone }
    default:
      return draft.kind satisfies never
  }
}
