import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, MouseEvent, PointerEvent, ReactElement } from 'react'
import { useTimeFormat } from '../../format.ts'
import { isTerminal } from '../../states.ts'
import { IconButton } from '../button.tsx'
import { useCanvas } from './canvas.ts'
import type { Frame } from './canvas.ts'
import { parseTime } from './segments.ts'
import type { Segment, Task } from './segments.ts'
import { Announcer, FOCUSED, TaskTip, Tip } from './task-tip.tsx'
import type { TipPlace } from './task-tip.tsx'
import { drawTimeline } from './timeline-draw.ts'
import { gutterOf } from './timeline-names.ts'
import { HEAD_PX, MAP_PX } from './timeline-scene.ts'
import type { RunMark } from './timeline-scene.ts'
import { bandAt, barAt, layoutTimeline, profileOf, ROW_PX } from './timeline-layout.ts'
import type { Band, Grouping } from './timeline-layout.ts'
import { fitted, moved, parseWindow, writeWindow, zoomed } from './time-window.ts'
import type { TimeWindow } from './time-window.ts'
import type { ViewProps } from './view-props.ts'
import { walk } from './walk.ts'

export interface TimelineProps extends ViewProps {
  readonly grouping: Grouping
  readonly axis: 'clock' | 'elapsed'
  readonly marks: readonly RunMark[]
  /** As in the address; `undefined`: all of it. */
  readonly range: string | undefined
  readonly onRange: (range: string | undefined) => void
}

const COMMIT_MS = 300
const CLICK_PX = 4
const ZOOM_STEP = 1.4
/** Something that grows is drawn again when it has grown by about so much. */
const GROW_PX = 0.5
const GROW_MIN_MS = 16
const GROW_MAX_MS = 1_000
const PATIENCE_PX = 4

type Drag =
  | {
      readonly type: 'pan'
      readonly x: number
      readonly y: number
      readonly scrollTop: number
      readonly window: TimeWindow
      isMoved: boolean
    }
  | { readonly type: 'sweep'; readonly x: number }
  | { readonly type: 'map'; readonly grip: number }
  | { readonly type: 'pinch'; readonly distance: number; readonly window: TimeWindow; readonly at: number }

interface Hover {
  readonly task?: Task
  readonly segment?: Segment | undefined
  readonly band?: Band
  readonly place: TipPlace
}

/** What ran when: bars over time, of which only those in sight are drawn. */
export function Timeline(props: TimelineProps): ReactElement {
  const { run, tasks, byId, selected, onSelect, toggled, onToggle, childrenOf, grouping, axis, marks, range, onRange } = props
  const format = useTimeFormat()
  const layout = useMemo(() => layoutTimeline(tasks, { grouping, toggled, childrenOf }), [tasks, grouping, toggled, childrenOf])
  const overview = useMemo(() => profileOf(tasks), [tasks])
  const origin = parseTime(run.start_time ?? run.expected_start_time ?? run.created)
  const isLive = !isTerminal(run.state_type)
  const bounds = useMemo(() => boundsOf(tasks, origin, run.end_time), [tasks, origin, run.end_time])
  const scroller = useRef<HTMLDivElement>(null)
  const chosen = useRef<TimeWindow | undefined>(parseWindow(range, origin))
  const committed = useRef(range)
  const commitTimer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const seen = useRef({ window: { from: 0, to: 1 }, whole: { from: 0, to: 1 }, gutter: 0, width: 1, height: 1 })
  const hovered = useRef<string | null>(null)
  const sweep = useRef<[number, number] | null>(null)
  const [hover, setHover] = useState<Hover>()

  const draw = (frame: Frame): number | undefined => {
    const whole = fitted({ from: bounds.from, to: isLive ? Math.max(bounds.to, frame.now) : bounds.to }, isLive)
    const window = chosen.current ?? whole
    const gutter = gutterOf(frame.width, layout)
    seen.current = { window, whole, gutter, width: frame.width, height: frame.height }
    drawTimeline(frame, {
      layout,
      whole,
      window,
      overview,
      scrollTop: scroller.current?.scrollTop ?? 0,
      gutter,
      isByRun: grouping === 'run',
      origin,
      isLive,
      marks,
      axis,
      format,
      selected,
      hovered: hovered.current,
      sweep: sweep.current,
    })
    if (!isLive) return undefined
    const pixelMs = (window.to - window.from) / Math.max(1, frame.width - gutter)
    return Math.min(GROW_MAX_MS, Math.max(GROW_MIN_MS, pixelMs * GROW_PX))
  }
  const { ref, invalidate } = useCanvas(draw)

  const setWindow = useCallback(
    (window: TimeWindow | undefined) => {
      chosen.current = window
      invalidate()
      clearTimeout(commitTimer.current)
      commitTimer.current = setTimeout(() => {
        committed.current = window === undefined ? undefined : writeWindow(window, origin)
        onRange(committed.current)
      }, COMMIT_MS)
    },
    [invalidate, onRange, origin],
  )
  useEffect(() => () => clearTimeout(commitTimer.current), [])
  useEffect(() => {
    // Somebody went back, or followed a link.
    if (range === committed.current) return
    committed.current = range
    chosen.current = parseWindow(range, origin)
    invalidate()
  }, [range, origin, invalidate])

  const zoom = useCallback(
    (factor: number, x?: number) => {
      const { window, whole, gutter, width } = seen.current
      const at = window.from + (((x ?? (gutter + width) / 2) - gutter) / (width - gutter)) * (window.to - window.from)
      const next = zoomed(window, at, factor, whole)
      setWindow(next.from <= whole.from && next.to >= whole.to ? undefined : next)
    },
    [setWindow],
  )
  const pan = useCallback(
    (px: number) => {
      const { window, whole, gutter, width } = seen.current
      setWindow(moved(window, (px / (width - gutter)) * (window.to - window.from), whole))
    },
    [setWindow],
  )

  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const onWheel = (event: WheelEvent): void => {
      const line = event.deltaMode === 1 ? 16 : 1
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        zoom(Math.exp((event.deltaY * line) / 250), event.clientX - element.getBoundingClientRect().left)
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault()
        pan((event.deltaX === 0 ? event.deltaY : event.deltaX) * line)
      }
      setHover(undefined)
    }
    // React's own listener could not keep the page from zooming.
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [zoom, pan])

  useEffect(() => {
    if (selected === null) return
    const band = layout.bands.find(({ tasks: inside }) => inside.some(({ id }) => id === selected))
    const task = byId.get(selected) ?? band?.tasks.find(({ id }) => id === selected)
    const element = scroller.current
    if (band === undefined || task === undefined || element === null) return
    const lane = Math.max(
      0,
      band.lanes.findIndex(({ bars }) => bars.some((bar) => bar.task.id === selected)),
    )
    const top = band.y + lane * band.laneHeight
    const tall = element.clientHeight - HEAD_PX - ROW_PX
    if (top < element.scrollTop || top > element.scrollTop + tall) element.scrollTop = top - tall / 2
    const { window, whole } = seen.current
    const to = task.to ?? Date.now()
    if (chosen.current !== undefined && (to < window.from || task.from > window.to))
      setWindow(moved(window, (task.from + to) / 2 - (window.from + window.to) / 2, whole))
    // Only a new choice moves the view; what is told of the run meanwhile does not.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selected])

  const placeOf = (event: MouseEvent): TipPlace => {
    const box = scroller.current!.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width, height: box.height }
  }
  const timeAt = (x: number): number => {
    const { window, gutter, width } = seen.current
    return window.from + ((x - gutter) / (width - gutter)) * (window.to - window.from)
  }
  const hit = (x: number, y: number): { band: Band | undefined; task: Task | undefined } => {
    const { window, gutter, width } = seen.current
    const inside = y - HEAD_PX + scroller.current!.scrollTop
    const band = y < HEAD_PX ? undefined : bandAt(layout.bands, inside)
    if (band === undefined || inside > band.y + band.height + 2) return { band: undefined, task: undefined }
    const patience = (PATIENCE_PX * (window.to - window.from)) / (width - gutter)
    const bar = x < gutter ? undefined : barAt(band, inside, timeAt(x), patience)
    return { band, task: bar?.task ?? (band.isRow ? band.tasks[0] : undefined) }
  }

  const pointers = useRef(new Map<number, { readonly x: number; readonly y: number }>())
  const drag = useRef<Drag | undefined>(undefined)
  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.button !== 0) return
    const { x, y } = placeOf(event)
    const { gutter, window } = seen.current
    event.currentTarget.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, { x, y })
    setHover(undefined)
    if (pointers.current.size === 2) {
      const [a, b] = [...pointers.current.values()]
      drag.current = { type: 'pinch', distance: Math.max(10, Math.hypot(a!.x - b!.x, a!.y - b!.y)), window, at: timeAt((a!.x + b!.x) / 2) }
    } else if (x > gutter && y < MAP_PX) {
      drag.current = { type: 'map', grip: gripOf(x) }
      dragMap(x)
    } else if (x > gutter && y < HEAD_PX) drag.current = { type: 'sweep', x }
    else drag.current = { type: 'pan', x, y, scrollTop: scroller.current!.scrollTop, window, isMoved: false }
  }
  /** Where in the visible window it was taken; outside of it, its middle jumps to the pointer. */
  const gripOf = (x: number): number => {
    const { window, whole, gutter, width } = seen.current
    const at = whole.from + ((x - gutter) / (width - gutter)) * (whole.to - whole.from)
    return at >= window.from && at <= window.to ? at - window.from : (window.to - window.from) / 2
  }
  const dragMap = (x: number): void => {
    const { window, whole, gutter, width } = seen.current
    if (chosen.current === undefined) return
    const at = whole.from + ((x - gutter) / (width - gutter)) * (whole.to - whole.from)
    const grip = drag.current?.type === 'map' ? drag.current.grip : (window.to - window.from) / 2
    setWindow(moved(window, at - grip - window.from, whole))
  }
  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const place = placeOf(event)
    const { x, y } = place
    const current = drag.current
    if (current === undefined) return point(place)
    if (!pointers.current.has(event.pointerId)) return
    pointers.current.set(event.pointerId, { x, y })
    const { whole, gutter, width } = seen.current
    switch (current.type) {
      case 'pinch': {
        const [a, b] = [...pointers.current.values()]
        if (a === undefined || b === undefined) return
        setWindow(zoomed(current.window, current.at, current.distance / Math.max(10, Math.hypot(a.x - b.x, a.y - b.y)), whole))
        return
      }
      case 'map':
        return dragMap(x)
      case 'sweep':
        sweep.current = [current.x, x]
        return invalidate()
      case 'pan': {
        if (!current.isMoved && Math.hypot(x - current.x, y - current.y) < CLICK_PX) return
        current.isMoved = true
        scroller.current!.scrollTop = current.scrollTop - (y - current.y)
        const span = current.window.to - current.window.from
        if (chosen.current !== undefined) setWindow(moved(current.window, (-(x - current.x) / (width - gutter)) * span, whole))
        else invalidate()
      }
    }
  }
  const onPointerUp = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { x, y } = placeOf(event)
    const current = drag.current
    pointers.current.delete(event.pointerId)
    drag.current = undefined
    if (current?.type === 'sweep') {
      sweep.current = null
      const [from, to] = [timeAt(Math.min(current.x, x)), timeAt(Math.max(current.x, x))]
      if (Math.abs(x - current.x) > CLICK_PX) setWindow({ from, to })
      else invalidate()
    }
    if (current?.type !== 'pan' || current.isMoved || event.type === 'pointercancel') return
    click(x, y)
  }
  const click = (x: number, y: number): void => {
    const { band, task } = hit(x, y)
    if (band === undefined) return onSelect(null)
    const isChevron = x < seen.current.gutter && (!band.isRow || x < 8 + band.depth * 12 + 16)
    if (isChevron && band.isOpen !== null) return onToggle(band.key)
    if (x < seen.current.gutter && !band.isRow && band.tasks.length === 1) return onSelect(band.tasks[0]!.id)
    if (task !== undefined) onSelect(task.id)
    else if (x >= seen.current.gutter && band.profile !== null) onToggle(band.key)
    else onSelect(null)
  }
  const point = (place: TipPlace): void => {
    const { band, task } = hit(place.x, place.y)
    const canvas = ref.current!
    canvas.style.cursor =
      place.x > seen.current.gutter && place.y < HEAD_PX
        ? place.y < MAP_PX
          ? 'grab'
          : 'col-resize'
        : task !== undefined || (band !== undefined && band.isOpen !== null && (place.x < seen.current.gutter || band.profile !== null))
          ? 'pointer'
          : 'default'
    if (hovered.current !== (task?.id ?? null)) {
      hovered.current = task?.id ?? null
      invalidate()
    }
    if (task !== undefined) {
      const at = timeAt(place.x)
      const segment = place.x < seen.current.gutter ? undefined : task.segments.find(({ from, to }) => from <= at && (to ?? Infinity) >= at)
      setHover({ task, segment, place })
    } else if (band !== undefined && place.x < seen.current.gutter) setHover({ band, place })
    else setHover(undefined)
  }
  const leave = (): void => {
    setHover(undefined)
    if (hovered.current === null) return
    hovered.current = null
    invalidate()
  }

  const at = selected === null ? -1 : layout.order.findIndex(({ id }) => id === selected)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const next = walk(event.key, layout.order, at)
    if (next !== undefined) onSelect(next.id)
    else if (event.key === '+' || event.key === '=') zoom(1 / ZOOM_STEP)
    else if (event.key === '-') zoom(ZOOM_STEP)
    else if (event.key === '0') setWindow(undefined)
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') pan(event.key === 'ArrowLeft' ? -80 : 80)
    else if (event.key === 'Escape' && selected !== null) onSelect(null)
    else if (event.key === 'Enter' || event.key === ' ') {
      const band = layout.bands.find(({ tasks: inside }) => inside.some(({ id }) => id === selected))
      if (band === undefined || band.isOpen === null) return
      onToggle(band.key)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className={FOCUSED}>
      <div
        ref={scroller}
        role="application"
        aria-label="Timeline of the task runs. Up and down walk, left and right move in time, plus and minus zoom, 0 shows all."
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={() => {
          setHover(undefined)
          invalidate()
        }}
        className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto outline-none [container-type:size]"
      >
        <div style={{ minHeight: '100%', height: layout.height + HEAD_PX + 2 * ROW_PX }}>
          <canvas
            ref={ref}
            aria-hidden
            onPointerDown={onPointerDown}
            onPointerMove={onPointerMove}
            onPointerUp={onPointerUp}
            onPointerCancel={onPointerUp}
            onPointerLeave={leave}
            onDoubleClick={() => setWindow(undefined)}
            className="sticky top-0 block h-[100cqh] w-full touch-none select-none"
          />
        </div>
      </div>
      <div className="absolute right-4 bottom-3 flex rounded-md border border-line bg-surface shadow-raised">
        <IconButton size="small" label="Zoom out (−)" icon={ZoomOut} onClick={() => zoom(ZOOM_STEP)} />
        <IconButton size="small" label="Zoom in (+)" icon={ZoomIn} onClick={() => zoom(1 / ZOOM_STEP)} />
        <IconButton size="small" label="Show all of it (0)" icon={Maximize2} onClick={() => setWindow(undefined)} />
      </div>
      {hover?.task !== undefined && <TaskTip task={hover.task} segment={hover.segment} place={hover.place} />}
      {hover?.band !== undefined && <BandTip band={hover.band} place={hover.place} />}
      <Announcer task={layout.order[at]} at={at} of={layout.order.length} />
    </div>
  )
}

function BandTip({ band, place }: { readonly band: Band; readonly place: TipPlace }): ReactElement {
  const counts = Map.groupBy(band.tasks, ({ word }) => word)
  return (
    <Tip place={place}>
      <p className="font-medium break-words text-ink">{band.title}</p>
      {[...counts].map(([word, inside]) => (
        <p key={word} className="tabular flex justify-between gap-4 text-ink-2">
          <span>{word}</span>
          <span>{inside.length}</span>
        </p>
      ))}
      {band.isOpen !== null && <p className="mt-1 text-ink-3">{band.isOpen ? 'Click to close' : 'Click to open'}</p>}
    </Tip>
  )
}

function boundsOf(tasks: readonly Task[], origin: number, endTime: string | null): TimeWindow {
  let from = origin
  let to = endTime === null ? origin : parseTime(endTime)
  for (const task of tasks) {
    from = Math.min(from, task.from)
    to = Math.max(to, task.to ?? task.from)
  }
  return { from, to }
}
