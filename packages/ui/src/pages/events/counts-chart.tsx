import type { ReactElement } from 'react'
import { plural, useTimeFormat } from '../../format.ts'

export interface CountBar {
  readonly start: string
  readonly end: string
  readonly count: number
}

/** How many there were in each part of a time, and a way into each part. */
export function CountsChart({
  bars,
  onChoose,
}: {
  readonly bars: readonly CountBar[]
  readonly onChoose: (bar: CountBar) => void
}): ReactElement {
  const format = useTimeFormat()
  const most = Math.max(1, ...bars.map(({ count }) => count))
  const [first, last] = [bars[0], bars.at(-1)]
  return (
    <figure className="rounded-lg border border-line bg-surface px-3 pt-3 pb-1.5">
      <div className="flex h-16 items-end gap-px">
        {bars.map((bar) => (
          <button
            key={bar.start}
            type="button"
            disabled={bar.count === 0}
            title={`${format.moment(bar.start)} to ${format.time(bar.end)}: ${plural(bar.count, 'event')}`}
            aria-label={`${format.moment(bar.start)}: ${plural(bar.count, 'event')}`}
            onClick={() => onChoose(bar)}
            className="group flex h-full min-w-0 flex-1 items-end rounded-t-xs enabled:hover:bg-hover"
          >
            <span
              className="block w-full rounded-t-xs bg-accent group-hover:brightness-110"
              style={{ height: bar.count === 0 ? 0 : `max(3px, ${(bar.count / most) * 100}%)` }}
            />
          </button>
        ))}
      </div>
      <figcaption className="tabular mt-1 flex justify-between border-t border-line pt-1 text-2xs text-ink-3">
        <span>{first === undefined ? '' : format.moment(first.start)}</span>
        <span>at most {most === 1 && bars.every(({ count }) => count === 0) ? 0 : most}</span>
        <span>{last === undefined ? '' : format.moment(last.end)}</span>
      </figcaption>
    </figure>
  )
}
