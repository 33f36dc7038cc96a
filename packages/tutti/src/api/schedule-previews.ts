import { z } from 'zod'
import type { ExcludedTime, PreviewedTime, SchedulePreview } from '../core/schedule/preview.ts'
import { calendarContentIn } from './calendars.ts'
import { endpoint } from './endpoint.ts'
import { scheduleIn, scheduleOptionsIn } from './schedules.ts'
import { instant, integerBetween, timeText, wire } from './values.ts'

const TIMES_MAX = 200
const MARKS = { gap: 'gap', overlap: 'overlap', 'offset-changed': 'offset_changed', rolled: 'rolled' } as const

/** As clocks of the schedule's zone show it: `2026-03-29T03:00:00+02:00`. */
const local = { at: wire.time, local: z.string(), offset_seconds: z.int() }

const previewWire = z
  .object({
    occurrences: z.array(z.object({ ...local, logical_date: wire.time, marks: z.array(z.enum(Object.values(MARKS))) })),
    excluded: z.array(z.object({ ...local, because: z.string() })),
  })
  .meta({ id: 'SchedulePreview' })

export function previewToWire({ times, excluded }: SchedulePreview): z.input<typeof previewWire> {
  return {
    occurrences: times.map((time) => ({
      ...localToWire(time),
      logical_date: timeText(time.logicalDate),
      marks: time.marks.map((mark) => MARKS[mark]),
    })),
    excluded: excluded.map((time) => ({ ...localToWire(time), because: time.because })),
  }
}

function localToWire({ at, local: shown, offset }: Pick<PreviewedTime & ExcludedTime, 'at' | 'local' | 'offset'>) {
  const minutes = Math.round(Math.abs(offset) / 60_000_000)
  const two = (number: number): string => String(number).padStart(2, '0')
  const east = `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  return { at: timeText(at), local: `${timeText(shown).slice(0, -1)}${east}`, offset_seconds: Math.round(offset / 1_000_000) }
}

export const schedulePreviews = {
  preview: endpoint({
    method: 'POST',
    path: '/schedules/preview',
    summary: 'The next times of a schedule, with what clocks and calendars do to them; nothing is stored.',
    body: z.strictObject({
      schedule: scheduleIn,
      options: scheduleOptionsIn.nullish(),
      calendar: calendarContentIn.nullish(),
      n: z.preprocess((value) => value ?? 10, integerBetween(1, TIMES_MAX)),
      after: instant.nullish(),
    }),
    output: previewWire,
    errors: ['INVALID_SCHEDULE', 'INVALID_REQUEST', 'NOT_FOUND'],
  }),
}
