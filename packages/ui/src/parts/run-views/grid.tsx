import { useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent, MouseEvent, ReactElement } from 'react'
import { number } from '../../format.ts'
import { cutText, textWidth, useCanvas } from './canvas.ts'
import type { Frame } from './canvas.ts'
import { GRID_HEAD_PX, GRID_PAD_PX, layoutGrid, stepInGrid, taskAt } from './grid-layout.ts'
import type { GridGroup, GridLayout } from './grid-layout.ts'
import { paintBox, paintRing, paintSign, signInkOn, textureOf } from './paint.ts'
import type { Task } from './segments.ts'
import { Announcer, FOCUSED, TaskTip } from './task-tip.tsx'
import type { TipPlace } from './task-tip.tsx'
import type { ViewProps } from './view-props.ts'

const SIGN_FROM_PX = 12

/** A square for each task run: thousands at a glance. */
export function Grid({ tasks, selected, onSelect }: ViewProps): ReactElement {
  const scroller = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(800)
  const [hover, setHover] = useState<{ readonly task: Task; readonly place: TipPlace }>()
  const layout = useMemo(() => layoutGrid(tasks, width), [tasks, width])
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  const { ref, invalidate } = useCanvas((frame) => {
    drawGrid(frame, layout, scroller.current?.scrollTop ?? 0, selected, hover?.task.id ?? null)
    return undefined
  })
  useEffect(() => {
    const element = scroller.current
    const box = selected === null ? undefined : boxOf(layout, selected)
    if (element === null || box === undefined) return
    if (box.y < element.scrollTop || box.y + layout.cell > element.scrollTop + element.clientHeight)
      element.scrollTop = box.y - element.clientHeight / 2
    // Only a new choice scrolls.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [selected])

  const placeOf = (event: MouseEvent): TipPlace => {
    const box = scroller.current!.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top, width: box.width, height: box.height }
  }
  const hit = ({ x, y }: TipPlace): Task | undefined => taskAt(layout, x, y + scroller.current!.scrollTop)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const next = stepInGrid(layout, selected, event.key)
    if (next !== undefined) onSelect(next.id)
    else if (event.key === 'Escape' && selected !== null) onSelect(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const at = selected === null ? -1 : layout.order.findIndex(({ id }) => id === selected)
  return (
    <div className={FOCUSED}>
      <div
        ref={scroller}
        role="application"
        aria-label="Grid of the task runs. The arrow keys walk."
        tabIndex={0}
        onKeyDown={onKeyDown}
        onScroll={() => {
          setHover(undefined)
          invalidate()
        }}
        className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto outline-none [container-type:size]"
      >
        <div style={{ minHeight: '100%', height: layout.height }}>
          <canvas
            ref={ref}
            aria-hidden
            className={`sticky top-0 block h-[100cqh] w-full ${hover === undefined ? '' : 'cursor-pointer'}`}
            onClick={(event) => onSelect(hit(placeOf(event))?.id ?? null)}
            onMouseMove={(event) => {
              const place = placeOf(event)
              const task = hit(place)
              setHover(task === undefined ? undefined : { task, place })
            }}
            onMouseLeave={() => setHover(undefined)}
          />
        </div>
      </div>
      {hover !== undefined && <TaskTip task={hover.task} place={hover.place} />}
      <Announcer task={layout.order[at]} at={at} of={layout.order.length} />
    </div>
  )
}

function boxOf({ groups, columns, cell }: GridLayout, id: string): { readonly x: number; readonly y: number } | undefined {
  for (const { tasks, y } of groups) {
    const index = tasks.findIndex((task) => task.id === id)
    if (index >= 0) return { x: GRID_PAD_PX + (index % columns) * cell, y: y + GRID_HEAD_PX + Math.floor(index / columns) * cell }
  }
  return undefined
}

function drawGrid(frame: Frame, layout: GridLayout, scrollTop: number, selected: string | null, hovered: string | null): void {
  const { context, palette, height } = frame
  context.textBaseline = 'middle'
  for (const group of layout.groups) {
    if (group.y + group.height < scrollTop) continue
    if (group.y > scrollTop + height) break
    drawHeading(frame, group, group.y - scrollTop)
    drawSquares(frame, layout, group, group.y + GRID_HEAD_PX - scrollTop, hovered)
  }
  const box = selected === null ? undefined : boxOf(layout, selected)
  if (box !== undefined) paintRing(context, palette, { x: box.x, y: box.y - scrollTop, width: layout.cell - 2, height: layout.cell - 2 })
}

function drawHeading({ context, palette, width }: Frame, { title, tasks }: GridGroup, y: number): void {
  context.font = `600 12px ${palette.font}`
  context.fillStyle = palette.ink
  const name = cutText(context, title, width * 0.5)
  context.fillText(name, GRID_PAD_PX, y + 13)
  const start = GRID_PAD_PX + textWidth(context, name) + 8
  context.font = `500 12px ${palette.font}`
  context.fillStyle = palette.ink3
  const count = number(tasks.length)
  context.fillText(count, start, y + 13)
  let x = start + textWidth(context, count) + 14
  for (const [tone, inside] of Map.groupBy(tasks, (task) => task.tone)) {
    const text = number(inside.length)
    const wide = textWidth(context, text) + 30
    if (x + wide > width) return
    paintSign(context, tone, x, y + 7, 12, palette.toneText[tone])
    context.fillStyle = palette.toneText[tone]
    context.fillText(text, x + 16, y + 13)
    x += wide
  }
}

function drawSquares(frame: Frame, { columns, cell }: GridLayout, { tasks }: GridGroup, y: number, hovered: string | null): void {
  const { context, palette, height } = frame
  const side = cell - 2
  const firstRow = Math.max(0, Math.floor(-y / cell))
  const lastRow = Math.ceil((height - y) / cell)
  for (let index = firstRow * columns; index < Math.min(tasks.length, lastRow * columns); index++) {
    const task = tasks[index]!
    const box = { x: GRID_PAD_PX + (index % columns) * cell, y: y + Math.floor(index / columns) * cell, width: side, height: side }
    const texture = textureOf(task.to === null && task.tone !== 'running' ? 'wait' : 'run', task.tone)
    if (texture === 'solid' && cell < SIGN_FROM_PX + 2) {
      context.fillStyle = palette.tone[task.tone]
      context.fillRect(box.x, box.y, side, side)
    } else paintBox(frame, box, task.tone, texture)
    if (task.tone !== 'completed' && cell >= SIGN_FROM_PX) {
      const sign = side * 0.7
      paintSign(context, task.tone, box.x + (side - sign) / 2, box.y + (side - sign) / 2, sign, signInkOn(palette, task.tone, texture))
    }
    if (task.id !== hovered) continue
    context.strokeStyle = palette.ink
    context.lineWidth = 1.5
    context.strokeRect(box.x - 0.5, box.y - 0.5, side + 1, side + 1)
  }
}
