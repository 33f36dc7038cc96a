import type { ReactElement } from 'react'
import { plural, useTimeFormat } from '../../format.ts'
import { useWidth } from '../../parts/width.ts'

export interface CountBar {
  readonly start: string
  readonly end: string
  readonly count: number
}

/** A bar and the line beside it: wide enough to be hit. */
const BAR_PX = 25

/** How many there were in each part of a time, and a way into each part. */
export function CountsChart({
  bars: counted,
  onChoose,
}: {
  readonly bars: readonly CountBar[]
  readonly onChoose: (bar: CountBar) => void
}): ReactElement {
  const format = useTimeFormat()
  const [element, width] = useWidth<HTMLDivElement>()
  const bars = joined(counted, width)
  const most = Math.max(1, ...bars.map(({ count }) => count))
  const [first, last] = [bars[0], bars.at(-1)]
  return (
    <figure className="rounded-lg border border-line bg-surface px-3 pt-3 pb-1.5">
      <div ref={element} className="flex h-16 items-end gap-px">
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

/** As many as fit: neighbours are counted together. */
function joined(bars: readonly CountBar[], width: number): readonly CountBar[] {
  const fit = Math.max(1, Math.floor(width / BAR_PX))
  if (width === 0 || bars.length <= fit) return bars
  const each = Math.ceil(bars.length / fit)
  return Array.from({ length: Math.ceil(bars.length / each) }, (_, at) => {
    const part = bars.slice(at * each, (at + 1) * each)
    return { start: part[0]!.start, end: part.at(-1)!.end, count: part.reduce((sum, { count }) => sum + count, 0) }
  })
}
