import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { PointerEvent, ReactElement } from 'react'
import { duration, useTimeFormat } from '../../format.ts'
import { Failure, Loading } from '../../parts/failure.tsx'
import { timeTicks } from '../../parts/run-bars/bars.ts'
import { useWidth, zoneOffsetMs } from '../../parts/width.ts'
import * as queries from '../../queries.ts'
import { colorOf } from '../../states.ts'
import { durationLines, pointsOf, spreadsOf } from './points.ts'
import type { Point, SpreadPoint } from './points.ts'

const HEIGHT = 190
const LEFT = 58
const RIGHT = 10
const ABOVE = 8
const BELOW = 22
const REACH_PX = 24
const TICK_PX = 68
const STRETCHES = 24

/** How long each run took, with the middle and the long end of those around it. */
export function Durations({ flowId, from, to }: { readonly flowId: string; readonly from: number; readonly to: number }): ReactElement {
  const { data, error, refetch } = useQuery(queries.flowPoints(flowId, from))
  const points = useMemo(() => pointsOf(data ?? []), [data])
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined)
    return (
      <div className="grid" style={{ minHeight: HEIGHT }}>
        <Loading />
      </div>
    )
  if (points.length === 0) return <p className="px-4 py-10 text-center text-sm text-ink-3">No run began in this time.</p>
  return <Chart points={points} from={from} to={to} />
}

function Chart({ points, from, to }: { readonly points: readonly Point[]; readonly from: number; readonly to: number }): ReactElement {
  const navigate = useNavigate()
  const format = useTimeFormat()
  const [frame, width] = useWidth<HTMLDivElement>()
  const [near, setNear] = useState<Point>()
  const spreads = useMemo(() => spreadsOf(points, from, to, STRETCHES), [points, from, to])
  const lines = durationLines(Math.max(...points.map(({ durationMs }) => durationMs)))
  const max = lines.at(-1)!
  const plotWidth = Math.max(1, width - LEFT - RIGHT)
  const plotHeight = HEIGHT - ABOVE - BELOW
  const x = (at: number): number => LEFT + ((at - from) / (to - from)) * plotWidth
  const y = (ms: number): number => ABOVE + plotHeight - (ms / max) * plotHeight
  const pathOf = (of: (spread: SpreadPoint) => number): string =>
    spreads.map((spread, at) => `${at === 0 ? 'M' : 'L'}${x(spread.at).toFixed(1)} ${y(of(spread)).toFixed(1)}`).join('')
  const onPointerMove = (event: PointerEvent): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    const distance = (point: Point): number => Math.hypot(x(point.at) - (event.clientX - left), y(point.durationMs) - (event.clientY - top))
    let best: Point | undefined
    let reach = REACH_PX
    for (const point of points) {
      const far = distance(point)
      if (far < reach) [best, reach] = [point, far]
    }
    setNear(best)
  }
  return (
    <div ref={frame} className="relative m-4 mb-2 min-w-0">
      <svg
        role="img"
        aria-label={`How long ${points.length} runs took, between ${format.moment(from)} and ${format.moment(to)}`}
        width={Math.max(0, width)}
        height={HEIGHT}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setNear(undefined)}
        onClick={() => near !== undefined && void navigate({ to: '/runs/$id', params: { id: near.id }, search: {} })}
        className={`block ${near === undefined ? '' : 'cursor-pointer'}`}
      >
        {lines.map((line) => (
          <g key={line}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(line)} y2={y(line)} stroke="var(--line)" strokeDasharray="2 3" />
            <text x={LEFT - 8} y={y(line) + 3.5} textAnchor="end" className="tabular fill-ink-3 text-[10.5px]">
              {duration(line)}
            </text>
          </g>
        ))}
        <line x1={LEFT} x2={width - RIGHT} y1={y(0)} y2={y(0)} stroke="var(--line-strong)" />
        {timeTicks(from, to, Math.max(2, Math.floor(plotWidth / TICK_PX)), zoneOffsetMs(to, format.zone)).map(({ at, isDay }) => (
          <text key={at} x={x(at)} y={HEIGHT - 5} textAnchor="middle" className="tabular fill-ink-3 text-[10.5px]">
            {isDay ? format.day(at).replace(/^\w+, /, '') : format.time(at).slice(0, 5)}
          </text>
        ))}
        {points.map((point) => (
          <PointShape key={point.id} point={point} x={x(point.at)} y={y(point.durationMs)} isNear={point === near} />
        ))}
        <path d={pathOf(({ p95 }) => p95)} fill="none" stroke="var(--ink-3)" strokeWidth={1.25} strokeDasharray="4 3" />
        <path d={pathOf(({ p50 }) => p50)} fill="none" stroke="var(--ink)" strokeWidth={1.5} />
      </svg>
      <p className="flex flex-wrap justify-end gap-x-4 text-2xs text-ink-3" style={{ paddingRight: RIGHT }}>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden className="inline-block w-4 border-t-[1.5px] border-ink" /> half took less
        </span>
        <span className="inline-flex items-center gap-1.5">
          <span aria-hidden className="inline-block w-4 border-t-[1.5px] border-dashed border-ink-3" /> 95 % took less
        </span>
      </p>
      {near !== undefined && (
        <p
          className="tabular pointer-events-none absolute z-10 rounded-md border border-line bg-surface px-2 py-1 text-xs whitespace-nowrap shadow-raised"
          style={{ left: Math.min(x(near.at) + 10, Math.max(0, width - 220)), top: Math.max(0, y(near.durationMs) - 34) }}
        >
          <span className="capitalize">{near.tone}</span> · {format.moment(near.at)} · {duration(near.durationMs)}
        </p>
      )}
    </div>
  )
}

const RADIUS = 2.75

/** Told apart by shape too: what failed is a cross. */
function PointShape({
  point,
  x,
  y,
  isNear,
}: {
  readonly point: Point
  readonly x: number
  readonly y: number
  readonly isNear: boolean
}): ReactElement {
  const color = colorOf(point.tone)
  if (point.tone === 'failed' || point.tone === 'crashed') {
    const r = isNear ? RADIUS + 1.5 : RADIUS
    return <path d={`M${x - r} ${y - r}L${x + r} ${y + r}M${x - r} ${y + r}L${x + r} ${y - r}`} stroke={color} strokeWidth={2} />
  }
  return <circle cx={x} cy={y} r={isNear ? RADIUS + 1.5 : RADIUS} fill={color} opacity={isNear ? 1 : 0.6} />
}
