import { CalendarX2, Clock3 } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { fixOf, messageOf } from '../../errors.ts'
import { relative } from '../../format.ts'
import { useNow } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'

export const TIMES = 20

const MARKS = {
  gap: ['moved', 'This time does not exist on that day: clocks are put forward. It runs when they have been.'],
  overlap: ['twice', 'Clocks show this time twice on that day: they are put back.'],
  offset_changed: ['clock change', 'The first run after clocks were changed.'],
  rolled: ['rolled', 'The calendar moved it to this day.'],
} as const

/** The next times, and what clocks and calendars do to them. */
export function SchedulePreview({
  schedule,
  options,
}: {
  readonly schedule: queries.ScheduleBody['schedule'] | undefined
  readonly options: queries.ScheduleBody['options']
}): ReactElement {
  const now = useNow()
  const { data, error, isPlaceholderData } = useQuery(queries.schedulePreview(schedule, options, TIMES))
  if (error !== null)
    return (
      <p role="alert" className="rounded-md bg-danger-soft p-3 text-sm text-danger">
        {messageOf(error)} {fixOf(error)}
      </p>
    )
  if (schedule === undefined || data === undefined) return <p className="p-3 text-sm text-ink-3">The next times are shown here.</p>
  const rows = [
    ...data.occurrences.map((time) => ({ ...time, because: null })),
    ...data.excluded.map((time) => ({ ...time, marks: [] as const })),
  ].toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
  const last = data.occurrences.at(-1)
  const shown = last === undefined ? rows : rows.filter((row) => Date.parse(row.at) <= Date.parse(last.at))
  if (shown.length === 0) return <p className="p-3 text-sm text-ink-2">It makes no more runs.</p>
  return (
    <ol aria-label="The next runs" className={`divide-y divide-line text-sm ${isPlaceholderData ? 'opacity-60' : ''}`}>
      {shown.map((row) => (
        <li key={`${row.at} ${row.because ?? ''}`} className="flex min-h-8 flex-wrap items-center gap-x-2 px-3 py-1">
          <time dateTime={row.at} className={`tabular whitespace-nowrap ${row.because === null ? '' : 'text-ink-3 line-through'}`}>
            {weekday(row.local)} {row.local.slice(0, 10)} <b className="font-medium">{row.local.slice(11, 16)}</b>
          </time>
          <span className="tabular text-2xs text-ink-3">{/[+-]\d\d:\d\d$/.exec(row.local)?.[0]}</span>
          {row.marks.map((mark) => (
            <span
              key={mark}
              data-hint={MARKS[mark][1]}
              tabIndex={0}
              role="note"
              className="inline-flex items-center gap-1 rounded bg-warn-soft px-1.5 text-2xs font-medium"
              style={{ color: 'var(--state-late-text)' }}
            >
              <Clock3 aria-hidden className="size-3" />
              {MARKS[mark][0]}
            </span>
          ))}
          {row.because === null ? (
            <span className="ml-auto text-2xs text-ink-3">{relative(Date.parse(row.at), now)}</span>
          ) : (
            <span className="ml-auto inline-flex items-center gap-1 text-2xs text-ink-3">
              <CalendarX2 aria-hidden className="size-3" />
              {row.because}
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}

/** Of a time as clocks show it: read as UTC, the day stays what it is. */
function weekday(local: string): string {
  return new Date(`${local.slice(0, 10)}T00:00:00Z`).toLocaleDateString('en', { weekday: 'short', timeZone: 'UTC' })
}
