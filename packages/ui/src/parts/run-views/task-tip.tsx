import type { ReactElement, ReactNode } from 'react'
import { duration, plural, useTimeFormat } from '../../format.ts'
import { TONES, textColorOf } from '../../states.ts'
import { ToneIcon } from '../state-badge.tsx'
import { useNow } from '../time-text.tsx'
import { tookMs } from './segments.ts'
import type { Segment, Task } from './segments.ts'

/** A place for a picture that has the keys: its canvas would cover an outline. */
export const FOCUSED =
  'relative flex min-h-0 flex-1 flex-col overflow-hidden after:pointer-events-none after:absolute after:inset-0 after:rounded-b-lg after:border-2 after:border-transparent has-[[role=application]:focus-visible]:after:border-accent'

export interface TipPlace {
  /** Of the pointer, in the view. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const TIP_PX = 288
const TIP_TALL_PX = 180

/** Beside the pointer, on the side that has room. */
export function Tip({ place, children }: { readonly place: TipPlace; readonly children: ReactNode }): ReactElement {
  const left = Math.max(4, place.x + 16 + TIP_PX > place.width ? place.x - TIP_PX - 12 : place.x + 16)
  const isAbove = place.y + TIP_TALL_PX > place.height
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute z-20 w-max max-w-72 rounded-md border border-line bg-surface px-3 py-2 text-xs shadow-raised"
      style={{ left, ...(isAbove ? { bottom: place.height - place.y + 10 } : { top: place.y + 14 }) }}
    >
      {children}
    </div>
  )
}

/** A task run in a few words. */
export function TaskTip({
  task,
  segment,
  place,
}: {
  readonly task: Task
  readonly segment?: Segment | undefined
  readonly place: TipPlace
}): ReactElement {
  const now = useNow()
  const format = useTimeFormat()
  const { row, tone, word } = task
  const waited = task.from - task.called
  return (
    <Tip place={place}>
      <p className="font-medium break-words text-ink">{row.name}</p>
      <p className="mt-0.5 flex items-center gap-1.5 font-medium" style={{ color: textColorOf(tone) }}>
        <ToneIcon tone={tone} />
        {word}
        <span className="font-normal text-ink-3">{TONES[tone].meaning}</span>
      </p>
      <dl className="tabular mt-1.5 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-ink-2">
        <dt className="text-ink-3">{task.to === null ? 'For' : 'Took'}</dt>
        <dd>{duration(tookMs(task, now))}</dd>
        <dt className="text-ink-3">Began</dt>
        <dd>{format.fineTime(task.from)}</dd>
        {waited >= 1 && (
          <>
            <dt className="text-ink-3">Waited</dt>
            <dd>{duration(waited)}</dd>
          </>
        )}
        {row.run_count > 1 && (
          <>
            <dt className="text-ink-3">Attempts</dt>
            <dd>{row.run_count}</dd>
          </>
        )}
        {row.child_flow_run_name !== null && (
          <>
            <dt className="text-ink-3">Flow run</dt>
            <dd>{row.child_flow_run_name}</dd>
          </>
        )}
      </dl>
      {segment !== undefined && task.segments.length > 1 && (
        <p className="tabular mt-1.5 border-t border-line pt-1.5 text-ink-2">
          Here it {segment.label}
          {segment.to !== null && segment.to > segment.from && ` · ${duration(segment.to - segment.from)}`}
        </p>
      )}
      {row.state_message !== null && row.state_message !== '' && (
        <p className="mt-1.5 line-clamp-3 border-t border-line pt-1.5 break-words text-ink-2">{row.state_message}</p>
      )}
    </Tip>
  )
}

/** Said to who walks with the keys and does not see the picture. */
export function Announcer({ task, at, of }: { readonly task: Task | undefined; readonly at: number; readonly of: number }): ReactElement {
  return (
    <p className="sr-only" aria-live="polite">
      {task === undefined
        ? ''
        : `${task.row.name}, ${task.word}, ${task.to === null ? 'still going on' : `took ${duration(tookMs(task, task.to))}`}${at < 0 ? '' : `, ${at + 1} of ${plural(of, 'task run')}`}`}
    </p>
  )
}
