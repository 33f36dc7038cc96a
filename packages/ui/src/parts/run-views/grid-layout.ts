// Squares in rows: one for each task run, those of one task together.
import type { Task } from './segments.ts'
import { groupByKey, titleOf } from './timeline-layout.ts'

export interface GridGroup {
  readonly key: string
  readonly title: string
  readonly tasks: readonly Task[]
  /** Of its heading; its squares follow below it. */
  readonly y: number
  readonly height: number
}

export interface GridLayout {
  readonly groups: readonly GridGroup[]
  readonly columns: number
  readonly cell: number
  readonly height: number
  readonly order: readonly Task[]
}

export const GRID_HEAD_PX = 26
export const GRID_PAD_PX = 12
const GROUP_GAP_PX = 10
/** Squares get smaller the more there are. */
const CELL_PX: readonly (readonly [tasksMax: number, px: number])[] = [
  [300, 22],
  [3_000, 16],
  [Infinity, 12],
]

export function layoutGrid(tasks: readonly Task[], width: number): GridLayout {
  const cell = CELL_PX.find(([max]) => tasks.length <= max)![1]
  const columns = Math.max(1, Math.floor((width - 2 * GRID_PAD_PX) / cell))
  const groups: GridGroup[] = []
  const order: Task[] = []
  let y = GRID_PAD_PX / 2
  for (const [key, inside] of groupByKey(tasks)) {
    const height = GRID_HEAD_PX + Math.ceil(inside.length / columns) * cell
    groups.push({ key, title: titleOf(key), tasks: inside, y, height })
    for (const task of inside) order.push(task)
    y += height + GROUP_GAP_PX
  }
  return { groups, columns, cell, height: y, order }
}

export function taskAt({ groups, columns, cell }: GridLayout, x: number, y: number): Task | undefined {
  const group = groups.find((each) => y >= each.y && y < each.y + each.height)
  const column = Math.floor((x - GRID_PAD_PX) / cell)
  const row = group === undefined ? -1 : Math.floor((y - group.y - GRID_HEAD_PX) / cell)
  return column < 0 || column >= columns || row < 0 ? undefined : group?.tasks[row * columns + column]
}

/** The square above or below, or beside: where a key leads in a grid. */
export function stepInGrid(layout: GridLayout, id: string | null, key: string): Task | undefined {
  const { order, columns } = layout
  const at = id === null ? -1 : order.findIndex((task) => task.id === id)
  const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key]
  if (by === undefined) return key === 'Home' ? order[0] : key === 'End' ? order.at(-1) : undefined
  return at < 0 ? order[0] : order[Math.max(0, Math.min(order.length - 1, at + by))]
}
