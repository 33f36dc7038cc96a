import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, MouseEvent, PointerEvent, ReactElement } from 'react'
import { isTerminal } from '../../states.ts'
import { IconButton } from '../button.tsx'
import { useCanvas } from './canvas.ts'
import type { Frame } from './canvas.ts'
import { parseCamera, writeCamera } from './graph-camera.ts'
import { drawGraph, paintGraphMap } from './graph-draw.ts'
import { LABELS_FROM } from './graph-scene.ts'
import type { Camera, GraphScene } from './graph-scene.ts'
import { layoutGraph, NODE_PX, NodeIndex } from './graph-layout.ts'
import type { GraphLayout, GraphNode } from './graph-layout.ts'
import { relatedTo } from './related.ts'
import type { Task } from './segments.ts'
import { Announcer, TaskTip, Tip } from './task-tip.tsx'
import type { TipPlace } from './task-tip.tsx'
import type { ViewProps } from './view-props.ts'
import { walk } from './walk.ts'

export interface GraphProps extends ViewProps {
  /** All task runs by id, those of opened sub-flows as well. */
  readonly taskOf: (id: string) => Task | undefined
  /** Where it is looked at from, as in the address; `undefined`: as at first. */
  readonly at: string | undefined
  readonly onAt: (at: string | undefined) => void
}

const SCALE_MAX = 2.5
const FIT_MAX = 1.15
const FIT_PAD_PX = 28
const ZOOM_STEP = 1.4
const CLICK_PX = 4
/** The map is at most so large, and as small as what it shows allows. */
const MAP_MAX_PX = { width: 168, height: 104 } as const
const MAP_MIN_PX = 16
const TICK_MS = 1_000
/** The address follows once the view rests. */
const COMMIT_MS = 300

type Drag =
  | { readonly type: 'pan'; readonly x: number; readonly y: number; readonly camera: Camera; isMoved: boolean }
  | { readonly type: 'map' }
  | { readonly type: 'pinch'; readonly distance: number; readonly x: number; readonly y: number; readonly camera: Camera }

/** Which task runs there are, as a number: the ends of their ids are random. */
function shapeOf(tasks: readonly { readonly id: string }[]): number {
  let shape = tasks.length
  for (const { id } of tasks) shape = (Math.imul(shape, 31) + Number.parseInt(id.slice(-7), 16)) | 0
  return shape
}

/** Who depends on whom. */
export function Graph(props: GraphProps): ReactElement {
  const { run, tasks, taskOf, selected, onSelect, toggled, onToggle, childrenOf, at: placed, onAt } = props
  // States change all the time, the shape only when something is called: it is laid out anew only then.
  const shape = shapeOf(tasks)
  // oxlint-disable-next-line react/exhaustive-deps
  const layout = useMemo(() => layoutGraph(tasks, { toggled, childrenOf }), [shape, toggled, childrenOf])
  const index = useMemo(() => new NodeIndex(layout), [layout])
  const related = useMemo(() => relatedTo(selected, tasks), [selected, tasks])
  const place = useRef<HTMLDivElement>(null)
  /** `undefined`: all of it is shown. A text is of the address, and read once it is known how large the place is. */
  const chosen = useRef<Camera | string | undefined>(placed)
  const committed = useRef(placed)
  const commitTimer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const seen = useRef({ camera: { scale: 1, x: 0, y: 0 } as Camera, width: 1, height: 1 })
  const hovered = useRef<string | null>(null)
  const map = useRef<{ readonly canvas: HTMLCanvasElement; key: unknown[] }>(undefined)
  const [hover, setHover] = useState<{ readonly node: GraphNode; readonly place: TipPlace }>()
  const isLive = !isTerminal(run.state_type)

  const { ref, invalidate } = useCanvas((frame) => {
    if (typeof chosen.current === 'string') chosen.current = parseCamera(chosen.current, frame)
    const camera = chosen.current ?? opening(layout, frame.width, frame.height)
    seen.current = { camera, width: frame.width, height: frame.height }
    const scene: GraphScene = { layout, index, camera, taskOf, selected, related, hovered: hovered.current }
    drawGraph(frame, scene)
    if (hasMap(layout, camera, frame)) {
      map.current ??= { canvas: document.createElement('canvas'), key: [] }
      const key = [layout, taskOf, frame.palette, frame.ratio]
      if (key.some((each, at) => each !== map.current!.key[at])) {
        map.current.key = key
        paintGraphMap(map.current.canvas, frame, scene, mapOf(layout))
      }
      drawMap(frame, map.current.canvas, layout, camera)
    }
    return isLive ? TICK_MS : undefined
  })

  const setCamera = useCallback(
    (camera: Camera | undefined) => {
      chosen.current = camera
      invalidate()
      clearTimeout(commitTimer.current)
      commitTimer.current = setTimeout(() => {
        committed.current = camera === undefined ? undefined : writeCamera(camera, seen.current)
        onAt(committed.current)
      }, COMMIT_MS)
    },
    [invalidate, onAt],
  )
  useEffect(() => () => clearTimeout(commitTimer.current), [])
  useEffect(() => {
    // Somebody went back, or followed a link.
    if (placed === committed.current) return
    committed.current = placed
    chosen.current = placed
    invalidate()
  }, [placed, invalidate])
  const showAll = useCallback(() => setCamera(fit(layout, seen.current.width, seen.current.height)), [layout, setCamera])
  const zoom = useCallback(
    (factor: number, at?: { readonly x: number; readonly y: number }) => {
      const { camera, width, height } = seen.current
      const { x, y } = at ?? { x: width / 2, y: height / 2 }
      const least = Math.min(fit(layout, width, height).scale * 0.6, 0.5)
      const scale = Math.min(SCALE_MAX, Math.max(least, camera.scale * factor))
      const grown = scale / camera.scale
      setCamera({ scale, x: x - (x - camera.x) * grown, y: y - (y - camera.y) * grown })
    },
    [layout, setCamera],
  )
  const pan = useCallback(
    (x: number, y: number) => {
      const { camera } = seen.current
      setCamera({ ...camera, x: camera.x + x, y: camera.y + y })
    },
    [setCamera],
  )
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault()
      const line = event.deltaMode === 1 ? 16 : 1
      const box = element.getBoundingClientRect()
      if (event.ctrlKey || event.metaKey)
        zoom(Math.exp((-event.deltaY * line) / 250), { x: event.clientX - box.left, y: event.clientY - box.top })
      else if (event.shiftKey && event.deltaX === 0) pan(-event.deltaY * line, 0)
      else pan(-event.deltaX * line, -event.deltaY * line)
      setHover(undefined)
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [zoom, pan])
  useEffect(() => {
    const node = selected === null ? undefined : layout.nodes[layout.nodeOf.get(selected) ?? -1]
    const { camera, width, height } = seen.current
    if (node === undefined || chosen.current === undefined) return
    const x = node.x * camera.scale + camera.x
    const y = node.y * camera.scale + camera.y
    if (x > 0 && y > 0 && x + node.width * camera.scale < width && y + node.height * camera.scale < height) return
    setCamera({
      scale: camera.scale,
      x: width / 2 - (node.x + node.width / 2) * camera.scale,
      y: height / 2 - (node.y + node.height / 2) * camera.scale,
    })
    // Only a new choice moves the view.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selected])

  const placeOf = (event: MouseEvent): TipPlace => {
    const box = place.current!.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width, height: box.height }
  }
  const hit = ({ x, y }: TipPlace): GraphNode | undefined => {
    const { camera } = seen.current
    const found = index.at((x - camera.x) / camera.scale, (y - camera.y) / camera.scale)
    return found === undefined ? undefined : layout.nodes[found]
  }
  const isOnMap = ({ x, y }: TipPlace): boolean => {
    const { camera, width, height } = seen.current
    const box = mapOf(layout)
    return hasMap(layout, camera, { width, height }) && x < 12 + box.width && x > 12 && y > height - 12 - box.height && y < height - 12
  }
  const goOnMap = ({ x, y }: TipPlace): void => {
    const { camera, width, height } = seen.current
    const box = mapOf(layout)
    const at = { x: (x - 12) / box.scale, y: (y - (height - 12 - box.height)) / box.scale }
    setCamera({ scale: camera.scale, x: width / 2 - at.x * camera.scale, y: height / 2 - at.y * camera.scale })
  }

  const pointers = useRef(new Map<number, { readonly x: number; readonly y: number }>())
  const drag = useRef<Drag | undefined>(undefined)
  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.button !== 0) return
    const at = placeOf(event)
    event.currentTarget.setPointerCapture(event.pointerId)
    pointers.current.set(event.pointerId, at)
    setHover(undefined)
    const { camera } = seen.current
    if (pointers.current.size === 2) {
      const [a, b] = [...pointers.current.values()]
      drag.current = {
        type: 'pinch',
        distance: Math.max(10, Math.hypot(a!.x - b!.x, a!.y - b!.y)),
        x: (a!.x + b!.x) / 2,
        y: (a!.y + b!.y) / 2,
        camera,
      }
    } else if (isOnMap(at)) {
      drag.current = { type: 'map' }
      goOnMap(at)
    } else drag.current = { type: 'pan', x: at.x, y: at.y, camera, isMoved: false }
  }
  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const at = placeOf(event)
    const current = drag.current
    if (current === undefined) return point(at)
    if (!pointers.current.has(event.pointerId)) return
    pointers.current.set(event.pointerId, at)
    if (current.type === 'map') return goOnMap(at)
    if (current.type === 'pinch') {
      const [a, b] = [...pointers.current.values()]
      if (a === undefined || b === undefined) return
      const grown = Math.max(10, Math.hypot(a.x - b.x, a.y - b.y)) / current.distance
      const scale = Math.min(SCALE_MAX, current.camera.scale * grown)
      const by = scale / current.camera.scale
      return setCamera({ scale, x: current.x - (current.x - current.camera.x) * by, y: current.y - (current.y - current.camera.y) * by })
    }
    if (!current.isMoved && Math.hypot(at.x - current.x, at.y - current.y) < CLICK_PX) return
    current.isMoved = true
    setCamera({ ...current.camera, x: current.camera.x + at.x - current.x, y: current.camera.y + at.y - current.y })
  }
  const onPointerUp = (event: PointerEvent<HTMLCanvasElement>): void => {
    const current = drag.current
    pointers.current.delete(event.pointerId)
    drag.current = undefined
    if (current?.type !== 'pan' || current.isMoved || event.type === 'pointercancel') return
    const at = placeOf(event)
    const node = hit(at)
    if (node === undefined) return onSelect(null)
    if (node.isOpen !== null && (node.ids.length > 1 || isOnChevron(node, at))) return toggle(node)
    onSelect(node.ids[0]!)
  }
  const isOnChevron = (node: GraphNode, { x }: TipPlace): boolean => {
    const { camera } = seen.current
    return (x - camera.x) / camera.scale > node.x + node.width - 28
  }
  /** What is opened stays where it was clicked. */
  const toggle = (node: GraphNode): void => {
    anchor.current = {
      key: node.key,
      x: node.x * seen.current.camera.scale + seen.current.camera.x,
      y: node.y * seen.current.camera.scale + seen.current.camera.y,
    }
    onToggle(node.key)
  }
  const anchor = useRef<{ readonly key: string; readonly x: number; readonly y: number } | undefined>(undefined)
  useEffect(() => {
    const held = anchor.current
    const node = held === undefined ? undefined : layout.nodes.find(({ key }) => key === held.key)
    anchor.current = undefined
    if (held === undefined || node === undefined || typeof chosen.current !== 'object') return
    const { scale } = chosen.current
    setCamera({ scale, x: held.x - node.x * scale, y: held.y - node.y * scale })
  }, [layout, setCamera])

  const point = (at: TipPlace): void => {
    const node = isOnMap(at) ? undefined : hit(at)
    ref.current!.style.cursor = node === undefined ? 'grab' : 'pointer'
    if (hovered.current !== (node?.key ?? null)) {
      hovered.current = node?.key ?? null
      invalidate()
    }
    setHover(node === undefined || (node.kind === 'frame' && node.ids.length > 1) ? undefined : { node, place: at })
  }

  const order = useMemo(() => orderOf(layout, taskOf), [layout, taskOf])
  const at = selected === null ? -1 : order.findIndex(({ id }) => id === selected)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const { key } = event
    const arrows = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] }[key]
    const next = event.shiftKey ? undefined : (acrossTo(key, selected, layout, taskOf) ?? walk(key, order, at))
    if (next !== undefined) onSelect(next.id)
    else if (event.shiftKey && arrows !== undefined) pan(arrows[0]!, arrows[1]!)
    else if (key === '+' || key === '=') zoom(ZOOM_STEP)
    else if (key === '-') zoom(1 / ZOOM_STEP)
    else if (key === '0') showAll()
    else if (key === 'Escape' && selected !== null) onSelect(null)
    else if ((key === 'Enter' || key === ' ') && selected !== null) {
      const node = layout.nodes[layout.nodeOf.get(selected) ?? -1]
      if (node === undefined || node.isOpen === null) return
      toggle(node)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const first = hover === undefined ? undefined : taskOf(hover.node.ids[0]!)
  return (
    <div
      ref={place}
      role="application"
      aria-label="Graph of the task runs. The arrow keys walk, with shift they move the picture, plus and minus zoom, 0 shows all, Enter opens."
      tabIndex={0}
      onKeyDown={onKeyDown}
      className="relative min-h-0 flex-1 overflow-hidden focus-visible:-outline-offset-2"
    >
      <canvas
        ref={ref}
        aria-hidden
        className="absolute inset-0 block size-full touch-none select-none"
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={onPointerUp}
        onPointerLeave={() => setHover(undefined)}
        onDoubleClick={(event) => {
          if (hit(placeOf(event)) === undefined) showAll()
        }}
      />
      <div className="absolute right-4 bottom-3 flex rounded-md border border-line bg-surface shadow-raised">
        <IconButton size="small" label="Zoom out (−)" icon={ZoomOut} onClick={() => zoom(1 / ZOOM_STEP)} />
        <IconButton size="small" label="Zoom in (+)" icon={ZoomIn} onClick={() => zoom(ZOOM_STEP)} />
        <IconButton size="small" label="Show all of it (0)" icon={Maximize2} onClick={showAll} />
      </div>
      {hover !== undefined && first !== undefined && hover.node.ids.length === 1 && <TaskTip task={first} place={hover.place} />}
      {hover !== undefined && hover.node.ids.length > 1 && (
        <Tip place={hover.place}>
          <p className="font-medium text-ink">{hover.node.title}</p>
          {[...Map.groupBy(hover.node.ids, (id) => taskOf(id)?.word ?? 'Pending')].map(([word, ids]) => (
            <p key={word} className="tabular flex justify-between gap-4 text-ink-2">
              <span>{word}</span>
              <span>{ids.length}</span>
            </p>
          ))}
          <p className="mt-1 text-ink-3">Click to open</p>
        </Tip>
      )}
      <Announcer task={order[at]} at={at} of={order.length} />
    </div>
  )
}

function fit(layout: GraphLayout, width: number, height: number): Camera {
  const roomX = Math.max(40, width - 2 * FIT_PAD_PX)
  const roomY = Math.max(40, height - 2 * FIT_PAD_PX)
  const scale = Math.min(FIT_MAX, roomX / Math.max(layout.width, NODE_PX.width), roomY / Math.max(layout.height, NODE_PX.height))
  return { scale, x: (width - layout.width * scale) / 2, y: (height - layout.height * scale) / 2 }
}

/** What is seen first: all of it; or its beginning, where the rest is near and names can be read. */
function opening(layout: GraphLayout, width: number, height: number): Camera {
  const whole = fit(layout, width, height)
  if (whole.scale >= LABELS_FROM || whole.scale * NEAR_SCREENS < LABELS_FROM) return whole
  const scale = READABLE
  const spare = height - layout.height * scale
  return { scale, x: Math.max(FIT_PAD_PX, (width - layout.width * scale) / 2), y: Math.max(FIT_PAD_PX, spare / 2) }
}

const NEAR_SCREENS = 3
const READABLE = 0.7

function mapOf({ width, height }: GraphLayout): { readonly width: number; readonly height: number; readonly scale: number } {
  const scale = Math.min(MAP_MAX_PX.width / width, MAP_MAX_PX.height / height)
  return { width: Math.max(MAP_MIN_PX, width * scale), height: Math.max(MAP_MIN_PX, height * scale), scale }
}

function hasMap(layout: GraphLayout, camera: Camera, { width, height }: { readonly width: number; readonly height: number }): boolean {
  const isWhole =
    camera.x >= 0 && camera.y >= 0 && camera.x + layout.width * camera.scale <= width && camera.y + layout.height * camera.scale <= height
  return !isWhole && width > 500
}

function drawMap({ context, palette, height }: Frame, picture: HTMLCanvasElement, layout: GraphLayout, camera: Camera): void {
  const left = 12
  const { width: wide, height: tall, scale } = mapOf(layout)
  const top = height - 12 - tall
  context.fillStyle = palette.surface
  context.globalAlpha = 0.92
  context.fillRect(left - 4, top - 4, wide + 8, tall + 8)
  context.globalAlpha = 1
  context.strokeStyle = palette.line
  context.lineWidth = 1
  context.strokeRect(left - 4.5, top - 4.5, wide + 9, tall + 9)
  context.drawImage(picture, left, top, wide, tall)
  const x = Math.max(0, (-camera.x / camera.scale) * scale)
  const y = Math.max(0, (-camera.y / camera.scale) * scale)
  const right = Math.min(wide, ((-camera.x + context.canvas.clientWidth) / camera.scale) * scale)
  const bottom = Math.min(tall, ((-camera.y + height) / camera.scale) * scale)
  context.strokeStyle = palette.surface
  context.lineWidth = 4
  context.strokeRect(left + x, top + y, Math.max(3, right - x), Math.max(3, bottom - y))
  context.strokeStyle = palette.accent
  context.lineWidth = 2
  context.strokeRect(left + x, top + y, Math.max(3, right - x), Math.max(3, bottom - y))
}

/** From left to right, and from top to bottom. */
function orderOf(layout: GraphLayout, taskOf: (id: string) => Task | undefined): readonly Task[] {
  const seen = new Set<string>()
  const order: Task[] = []
  for (const node of layout.nodes.toSorted((a, b) => a.x - b.x || a.y - b.y))
    for (const id of node.ids) {
      const task = seen.has(id) ? undefined : taskOf(id)
      seen.add(id)
      if (task !== undefined) order.push(task)
    }
  return order
}

/** Left and right lead along an edge. */
function acrossTo(key: string, selected: string | null, layout: GraphLayout, taskOf: (id: string) => Task | undefined): Task | undefined {
  if (selected === null || (key !== 'ArrowLeft' && key !== 'ArrowRight')) return undefined
  const at = layout.nodeOf.get(selected)
  const edge = layout.edges.find(({ from, to }) => (key === 'ArrowRight' ? from === at : to === at))
  const next = edge === undefined ? undefined : layout.nodes[key === 'ArrowRight' ? edge.to : edge.from]
  return next === undefined ? undefined : taskOf(next.ids[0]!)
}
