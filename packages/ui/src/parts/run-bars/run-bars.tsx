import { useMemo, useState } from 'react'
import type { KeyboardEvent, PointerEvent, ReactElement } from 'react'
import { number, plural, shortNumber, useTimeFormat } from '../../format.ts'
import type { TimeFormat } from '../../format.ts'
import { colorOf, textColorOf } from '../../states.ts'
import { ToneIcon } from '../state-badge.tsx'
import { useWidth, zoneOffsetMs } from '../width.ts'
import { BAR_TONES, scaleOf, segmentsOf, timeTicks } from './bars.ts'
import type { Bar, BarTone } from './bars.ts'

const LEFT = 36
const BELOW = 22
const ABOVE = 8
const TICK_PX = 68
const DRAG_PX = 5
const DAY_MS = 86_400_000

export interface RunBarsProps {
  /** What is counted: `Flow runs`. */
  readonly label: string
  readonly bars: readonly Bar[]
  readonly heightPx: number
  /** A bar was chosen. */
  readonly onPick?: (bar: Bar, tone: BarTone | undefined) => void
  /** A stretch was drawn over. */
  readonly onZoom?: (from: number, to: number) => void
}

/** Bars over time, by state. The pointer or the arrow keys tell the numbers; a click or Enter opens a bar, drawing over some zooms in. */
export function RunBars({ label, bars, heightPx, onPick, onZoom }: RunBarsProps): ReactElement {
  const [frame, width] = useWidth<HTMLDivElement>()
  const format = useTimeFormat()
  const [at, setAt] = useState<number>()
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number; readonly startX: number; readonly isMoved: boolean }>()
  const { max, lines } = useMemo(() => scaleOf(Math.max(0, ...bars.map(({ total }) => total))), [bars])
  const plotWidth = Math.max(1, width - LEFT)
  const plotHeight = heightPx - BELOW - ABOVE
  const slot = plotWidth / Math.max(1, bars.length)
  const gap = slot > 6 ? 2 : slot > 3 ? 1 : 0.5
  const y = (count: number): number => ABOVE + plotHeight - (count / max) * plotHeight
  const [from, to] = [bars[0]?.from ?? 0, bars.at(-1)?.to ?? 1]

  const indexAt = (event: PointerEvent): number => {
    const { left } = event.currentTarget.getBoundingClientRect()
    return Math.max(0, Math.min(bars.length - 1, Math.floor((event.clientX - left - LEFT) / slot)))
  }
  const toneAt = (event: PointerEvent, bar: Bar): BarTone | undefined => {
    const { top } = event.currentTarget.getBoundingClientRect()
    const count = ((ABOVE + plotHeight - (event.clientY - top)) / plotHeight) * max
    let below = 0
    return BAR_TONES.find((tone) => {
      below += bar.counts[tone] ?? 0
      return count > 0 && count <= below
    })
  }
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    const index = indexAt(event)
    setDrag({ from: index, to: index, startX: event.clientX, isMoved: false })
  }
  const onPointerMove = (event: PointerEvent): void => {
    const index = indexAt(event)
    setAt(index)
    if (drag !== undefined) setDrag({ ...drag, to: index, isMoved: drag.isMoved || Math.abs(event.clientX - drag.startX) > DRAG_PX })
  }
  const onPointerUp = (event: PointerEvent): void => {
    if (drag === undefined) return
    setDrag(undefined)
    const [first, last] = drag.from <= drag.to ? [drag.from, drag.to] : [drag.to, drag.from]
    if (drag.isMoved && last > first) onZoom?.(bars[first]!.from, bars[last]!.to)
    else if (bars[drag.to] !== undefined && bars[drag.to]!.total > 0) onPick?.(bars[drag.to]!, toneAt(event, bars[drag.to]!))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -bars.length, End: bars.length }[event.key]
    if (step !== undefined) setAt(Math.max(0, Math.min(bars.length - 1, (at ?? (step > 0 ? -1 : bars.length)) + step)))
    else if (event.key === 'Enter' && at !== undefined && bars[at] !== undefined) onPick?.(bars[at], undefined)
    else return
    event.preventDefault()
  }
  const shown = at === undefined ? undefined : bars[at]
  const ticks = timeTicks(from, to, Math.max(2, Math.floor(plotWidth / TICK_PX)), zoneOffsetMs(to, format.zone))
  return (
    <div ref={frame} className="relative min-w-0">
      <div
        role="slider"
        tabIndex={0}
        aria-label={`${label} over time`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, bars.length - 1)}
        aria-valuenow={at ?? 0}
        aria-valuetext={shown === undefined ? 'No bar is chosen; the arrow keys walk through them' : barText(shown, format)}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setDrag(undefined)}
        onPointerLeave={() => {
          if (drag === undefined) setAt(undefined)
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setAt(undefined)}
        className={`touch-pan-y rounded-sm select-none ${onZoom === undefined ? '' : 'cursor-crosshair'}`}
      >
        <svg aria-hidden width={Math.max(0, width)} height={heightPx} className="block overflow-visible">
          {lines.map((line) => (
            <g key={line}>
              <line x1={LEFT} x2={width} y1={y(line)} y2={y(line)} stroke="var(--line)" strokeDasharray="2 3" />
              <text x={LEFT - 8} y={y(line) + 3.5} textAnchor="end" className="tabular fill-ink-3 text-[10.5px]">
                {shortNumber(line)}
              </text>
            </g>
          ))}
          <line x1={LEFT} x2={width} y1={y(0) + 0.5} y2={y(0) + 0.5} stroke="var(--line-strong)" />
          {ticks.map(({ at: moment, isDay }) => {
            const x = LEFT + ((moment - from) / Math.max(1, to - from)) * plotWidth
            return x > width - 14 ? null : (
              <g key={moment}>
                <line x1={x} x2={x} y1={y(0)} y2={y(0) + 4} stroke="var(--line-strong)" />
                <text
                  x={Math.max(x, LEFT + 10)}
                  y={heightPx - 5}
                  textAnchor="middle"
                  className={`tabular text-[10.5px] ${isDay ? 'fill-ink-2 font-medium' : 'fill-ink-3'}`}
                >
                  {isDay ? format.day(moment).replace(/^\w+, /, '') : format.time(moment).slice(0, to - from < 180_000 ? 8 : 5)}
                </text>
              </g>
            )
          })}
          {bars.map((bar, index) => (
            <BarShape
              key={bar.from}
              bar={bar}
              x={LEFT + index * slot + gap / 2}
              width={Math.max(0.5, slot - gap)}
              base={y(0)}
              perRun={plotHeight / max}
              isDim={at !== undefined && at !== index && drag?.isMoved !== true}
            />
          ))}
          {drag?.isMoved === true && (
            <rect
              x={LEFT + Math.min(drag.from, drag.to) * slot}
              width={(Math.abs(drag.to - drag.from) + 1) * slot}
              y={ABOVE}
              height={plotHeight}
              fill="var(--accent)"
              opacity={0.14}
              stroke="var(--accent)"
            />
          )}
        </svg>
      </div>
      {shown !== undefined && at !== undefined && (
        <Numbers bar={shown} left={LEFT + (at + 0.5) * slot} width={width} format={format} isZooming={drag?.isMoved === true} />
      )}
    </div>
  )
}

function BarShape({
  bar,
  x,
  width,
  base,
  perRun,
  isDim,
}: {
  readonly bar: Bar
  readonly x: number
  readonly width: number
  readonly base: number
  readonly perRun: number
  readonly isDim: boolean
}): ReactElement {
  return (
    <g opacity={isDim ? 0.55 : 1}>
      {segmentsOf(bar, perRun).map(({ tone, below, height }) => (
        <rect key={tone} x={x} y={base - below - height} width={width} height={height} fill={colorOf(tone)} rx={width > 4 ? 1 : 0} />
      ))}
    </g>
  )
}

const NUMBERS_PX = 200

function Numbers({
  bar,
  left,
  width,
  format,
  isZooming,
}: {
  readonly bar: Bar
  readonly left: number
  readonly width: number
  readonly format: TimeFormat
  readonly isZooming: boolean
}): ReactElement {
  const x = left + NUMBERS_PX + 16 > width ? Math.max(0, left - NUMBERS_PX - 12) : left + 12
  return (
    <div
      aria-hidden
      className="pointer-events-none absolute top-1 z-20 rounded-md border border-line bg-surface p-2.5 text-xs shadow-raised"
      style={{ left: x, width: NUMBERS_PX }}
    >
      <p className="tabular mb-1 text-ink-2">{stretchText(bar, format)}</p>
      {bar.total === 0 ? (
        <p className="text-ink-3">Nothing</p>
      ) : (
        <ul>
          {BAR_TONES.toReversed().map((tone) => {
            const count = bar.counts[tone] ?? 0
            return count === 0 ? null : (
              <li key={tone} className="flex items-center gap-1.5" style={{ color: textColorOf(tone) }}>
                <ToneIcon tone={tone} />
                <span className="capitalize">{tone}</span>
                <span className="tabular ml-auto font-medium">{number(count)}</span>
              </li>
            )
          })}
        </ul>
      )}
      {isZooming && <p className="mt-1 text-ink-3">Let go to zoom in</p>}
    </div>
  )
}

function stretchText({ from, to }: Bar, format: TimeFormat): string {
  const isDays = (to - from) % DAY_MS === 0
  const clock = (moment: number): string => format.time(moment).slice(0, to - from < 60_000 ? 8 : 5)
  return isDays
    ? `${format.day(from)}${to - from > DAY_MS ? ` – ${format.day(to - 1)}` : ''}`
    : `${format.day(from)}, ${clock(from)} – ${clock(to)}`
}

function barText(bar: Bar, format: TimeFormat): string {
  const counts = BAR_TONES.toReversed().flatMap((tone) => (bar.counts[tone] === undefined ? [] : [`${number(bar.counts[tone])} ${tone}`]))
  return `${stretchText(bar, format)}: ${bar.total === 0 ? 'nothing' : `${plural(bar.total, 'run')}: ${counts.join(', ')}`}`
}
