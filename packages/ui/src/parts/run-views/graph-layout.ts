// Where the task runs stand as a graph: from left to right by what came first, many of one task folded to a stack.
import type { Task } from './segments.ts'
import { titleOf } from './timeline-layout.ts'

export interface GraphNode {
  /** Names it in what is opened and closed. */
  readonly key: string
  readonly kind: 'task' | 'cell' | 'stack' | 'frame'
  readonly title: string
  /** Ids; of a frame and a stack of many. */
  readonly ids: readonly string[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** `null`: there is nothing to open. */
  readonly isOpen: boolean | null
  readonly depth: number
}

export interface GraphEdge {
  readonly from: number
  readonly to: number
  /** `data`: took its result. `call`: was called inside of it. `order`: began when it had ended. */
  readonly kind: 'data' | 'call' | 'order'
}

export interface GraphLayout {
  readonly nodes: readonly GraphNode[]
  /** Between places in `nodes`. */
  readonly edges: readonly GraphEdge[]
  readonly width: number
  readonly height: number
  /** The node that shows a task run: its own, or the stack it is folded into. */
  readonly nodeOf: ReadonlyMap<string, number>
}

export interface GraphOptions {
  readonly toggled: ReadonlySet<string>
  readonly childrenOf: (flowRunId: string) => readonly Task[] | undefined
}

export const NODE_PX = { width: 184, height: 40 } as const
const STACK_PX = { width: 196, height: 52 } as const
const CELL_PX = { width: 140, height: 26 } as const
const CELL_GAP_PX = 6
export const FRAME_HEAD_PX = 30
const FRAME_PAD_PX = 12
const COLUMN_GAP_PX = 56
const ROW_GAP_PX = 14
/** More of one task are folded. */
const FOLD_FROM = 7
/** Of an opened stack: how much wider than high. */
const CELLS_ASPECT = 1.6
const DEPTH_MAX = 5

export function layoutGraph(tasks: readonly Task[], options: GraphOptions): GraphLayout {
  const made = layoutPart(tasks, options, '', 0)
  const nodeOf = new Map<string, number>()
  // What is opened stands after its frame: the innermost node that shows a task run is the last.
  for (const [index, node] of made.nodes.entries()) for (const id of node.ids) nodeOf.set(id, index)
  return { ...made, nodeOf }
}

type Part = Omit<GraphLayout, 'nodeOf'>

/** What stands as one: a task run, or all of one task. */
interface Unit {
  readonly key: string
  readonly title: string
  readonly tasks: readonly Task[]
  readonly isStack: boolean
  readonly isOpen: boolean | null
  readonly inside: Part | undefined
  readonly width: number
  readonly height: number
}

function layoutPart(tasks: readonly Task[], options: GraphOptions, prefix: string, depth: number): Part {
  const called = tasks.toSorted((a, b) => a.called - b.called)
  const units = unitsOf(called, options, prefix, depth)
  const unitOf = new Map<string, number>()
  for (const [index, unit] of units.entries()) for (const { id } of unit.tasks) unitOf.set(id, index)
  const edges = edgesOf(units, called, unitOf)
  const places = placed(units, edges)

  const nodes: GraphNode[] = []
  const lines: GraphEdge[] = []
  const nodeOfUnit: number[] = []
  for (const [index, unit] of units.entries()) {
    const { x, y } = places[index]!
    const { key, title, isOpen, width, height, inside } = unit
    const kind = inside !== undefined ? 'frame' : unit.isStack ? 'stack' : 'task'
    nodeOfUnit.push(nodes.push({ key, kind, title, ids: unit.tasks.map(({ id }) => id), x, y, width, height, isOpen, depth }) - 1)
    if (inside === undefined) continue
    const shift = nodes.length
    for (const node of inside.nodes) nodes.push({ ...node, x: node.x + x + FRAME_PAD_PX, y: node.y + y + FRAME_HEAD_PX })
    for (const edge of inside.edges) lines.push({ ...edge, from: edge.from + shift, to: edge.to + shift })
  }
  for (const edge of edges) lines.push({ ...edge, from: nodeOfUnit[edge.from]!, to: nodeOfUnit[edge.to]! })
  let width = 0
  let height = 0
  for (const [index, unit] of units.entries()) {
    width = Math.max(width, places[index]!.x + unit.width)
    height = Math.max(height, places[index]!.y + unit.height)
  }
  return { nodes, edges: lines, width, height }
}

/** In the order in which their first ones were called. */
function unitsOf(called: readonly Task[], options: GraphOptions, prefix: string, depth: number): Unit[] {
  const groups = Map.groupBy(called, ({ row }) => row.task_key)
  const units: Unit[] = []
  const done = new Set<string>()
  for (const task of called) {
    const { task_key: taskKey, name, child_flow_run_id: child } = task.row
    const group = groups.get(taskKey)!
    if (group.length >= FOLD_FROM) {
      if (done.has(taskKey)) continue
      done.add(taskKey)
      units.push(stackOf(`${prefix}${taskKey}`, titleOf(taskKey), group, options, depth))
      continue
    }
    const key = `${prefix}${task.id}`
    const isOpen = child !== null && depth < DEPTH_MAX ? options.toggled.has(key) : null
    const rows = isOpen === true ? options.childrenOf(child!) : undefined
    const inside = isOpen === true ? layoutPart(rows ?? [], options, `${key}/`, depth + 1) : undefined
    units.push({ key, title: name, tasks: [task], isStack: false, isOpen, inside, ...sizeOf(inside, NODE_PX) })
  }
  return units
}

function stackOf(key: string, title: string, tasks: readonly Task[], options: GraphOptions, depth: number): Unit {
  const isOpen = options.toggled.has(key)
  const inside = isOpen ? cellsOf(tasks, key, options, depth) : undefined
  return { key, title, tasks, isStack: true, isOpen, inside, ...sizeOf(inside, STACK_PX) }
}

function sizeOf(inside: Part | undefined, closed: { readonly width: number; readonly height: number }): { width: number; height: number } {
  if (inside === undefined) return { width: closed.width, height: closed.height }
  return {
    width: Math.max(NODE_PX.width + 40, inside.width + 2 * FRAME_PAD_PX),
    height: Math.max(70, inside.height + FRAME_HEAD_PX + FRAME_PAD_PX),
  }
}

/** Side by side, in the order of their calls; an opened sub-flow among them takes a line of its own. */
function cellsOf(tasks: readonly Task[], key: string, options: GraphOptions, depth: number): Part {
  const stepX = CELL_PX.width + CELL_GAP_PX
  const stepY = CELL_PX.height + CELL_GAP_PX
  const columns = Math.max(1, Math.ceil(Math.sqrt((tasks.length * stepY * CELLS_ASPECT) / stepX)))
  const nodes: GraphNode[] = []
  const edges: GraphEdge[] = []
  let column = 0
  let y = 0
  let width = 0
  for (const task of tasks) {
    const child = task.row.child_flow_run_id
    const own = `${key}/${task.id}`
    const isOpen = child !== null && depth < DEPTH_MAX ? options.toggled.has(own) : null
    if (isOpen === true) {
      if (column > 0) y += stepY
      column = 0
      const inside = layoutPart(options.childrenOf(child!) ?? [], options, `${own}/`, depth + 2)
      const size = sizeOf(inside, CELL_PX)
      nodes.push({ key: own, kind: 'frame', title: task.row.name, ids: [task.id], x: 0, y, ...size, isOpen, depth: depth + 1 })
      const shift = nodes.length
      for (const node of inside.nodes) nodes.push({ ...node, x: node.x + FRAME_PAD_PX, y: node.y + y + FRAME_HEAD_PX })
      for (const edge of inside.edges) edges.push({ ...edge, from: edge.from + shift, to: edge.to + shift })
      y += size.height + CELL_GAP_PX
      width = Math.max(width, size.width)
      continue
    }
    nodes.push({ key: own, kind: 'cell', title: task.row.name, ids: [task.id], x: column * stepX, y, ...CELL_PX, isOpen, depth: depth + 1 })
    width = Math.max(width, column * stepX + CELL_PX.width)
    column += 1
    if (column < columns) continue
    column = 0
    y += stepY
  }
  return { nodes, edges, width, height: y + (column > 0 ? CELL_PX.height : -CELL_GAP_PX) }
}

/** What is known of who depends on whom; where nothing is, what had ended last when it was called. */
function edgesOf(units: readonly Unit[], called: readonly Task[], unitOf: ReadonlyMap<string, number>): GraphEdge[] {
  const edges = new Map<string, GraphEdge>()
  const add = (from: number | undefined, to: number, kind: GraphEdge['kind']): boolean => {
    // Units stand in the order of their calls: what points backwards is a loop of the flow's code.
    if (from === undefined || from >= to) return from !== undefined
    const key = `${from} ${to}`
    if (edges.get(key)?.kind !== 'data') edges.set(key, { from, to, kind })
    return true
  }
  const ended = called.filter(({ to }) => to !== null).toSorted((a, b) => a.to! - b.to!)
  for (const [index, unit] of units.entries()) {
    let hasCause = false
    for (const { row } of unit.tasks) {
      for (const cause of row.upstream) hasCause = add(unitOf.get(cause), index, 'data') || hasCause
      if (row.parent_task_run_id !== null) hasCause = add(unitOf.get(row.parent_task_run_id), index, 'call') || hasCause
    }
    if (hasCause) continue
    const cause = lastEndedBefore(ended, unit.tasks[0]!.called)
    if (cause !== undefined) add(unitOf.get(cause.id), index, 'order')
  }
  return [...edges.values()]
}

function lastEndedBefore(ended: readonly Task[], at: number): Task | undefined {
  let low = 0
  let high = ended.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ended[middle]!.to! <= at) low = middle + 1
    else high = middle
  }
  return ended[low - 1]
}

/** Columns by the longest way that leads there; in a column each stands as near to its causes as the others leave room. */
function placed(units: readonly Unit[], edges: readonly GraphEdge[]): { x: number; y: number }[] {
  const causes: number[][] = units.map(() => [])
  for (const { from, to } of edges) causes[to]!.push(from)
  const layers: number[] = []
  const columns: number[][] = []
  for (const index of units.keys()) {
    const layer = causes[index]!.reduce((most, cause) => Math.max(most, layers[cause]! + 1), 0)
    layers.push(layer)
    ;(columns[layer] ??= []).push(index)
  }
  const places = units.map(() => ({ x: 0, y: 0 }))
  let x = 0
  for (const column of columns) {
    const wanted = new Map(column.map((index) => [index, wantedMiddle(causes[index]!, units, places)]))
    column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a - b)
    let free = -Infinity
    let drift = 0
    let wide = 0
    for (const index of column) {
      const { width, height } = units[index]!
      const middle = wanted.get(index)
      const y = middle === undefined ? (free === -Infinity ? 0 : free) : Math.max(free, middle - height / 2)
      places[index] = { x, y }
      drift += (middle ?? y + height / 2) - (y + height / 2)
      free = y + height + ROW_GAP_PX
      wide = Math.max(wide, width)
    }
    const shift = drift / column.length
    // The first column has no causes: it stands around the line that all begin from.
    const centre = wanted.size > 0 && [...wanted.values()].every((each) => each === undefined) ? -(free - ROW_GAP_PX) / 2 : shift
    for (const index of column) places[index] = { x, y: places[index]!.y + centre }
    x += wide + COLUMN_GAP_PX
  }
  const top = places.reduce((least, { y }) => Math.min(least, y), Infinity)
  return places.map((place) => ({ x: place.x, y: place.y - (Number.isFinite(top) ? top : 0) }))
}

function wantedMiddle(causes: readonly number[], units: readonly Unit[], places: readonly { readonly y: number }[]): number | undefined {
  if (causes.length === 0) return undefined
  return causes.reduce((sum, cause) => sum + places[cause]!.y + units[cause]!.height / 2, 0) / causes.length
}

/* ── finding what is where ── */

const CELL_INDEX_PX = 320

/** Finds nodes by place without looking at all of them. */
export class NodeIndex {
  readonly #cells = new Map<number, number[]>()
  readonly #nodes: readonly GraphNode[]
  readonly #columns: number
  /** Frames hold others: they are few, and drawn before what is inside. */
  readonly frames: readonly number[]

  constructor({ nodes, width }: GraphLayout) {
    this.#nodes = nodes
    this.#columns = Math.ceil((width + 1) / CELL_INDEX_PX) + 1
    const frames: number[] = []
    for (const [index, node] of nodes.entries()) {
      if (node.kind === 'frame') {
        frames.push(index)
        continue
      }
      for (const cell of this.#cellsOf(node.x, node.y, node.width, node.height)) {
        const known = this.#cells.get(cell)
        if (known === undefined) this.#cells.set(cell, [index])
        else known.push(index)
      }
    }
    this.frames = frames
  }

  /** All that touch the box, frames excepted. */
  within(x: number, y: number, width: number, height: number): ReadonlySet<number> {
    const found = new Set<number>()
    for (const cell of this.#cellsOf(Math.max(0, x), Math.max(0, y), width + Math.min(0, x), height + Math.min(0, y)))
      for (const index of this.#cells.get(cell) ?? []) found.add(index)
    return found
  }

  /** The innermost node at a point. */
  at(x: number, y: number): number | undefined {
    const isIn = (index: number): boolean => {
      const node = this.#nodes[index]!
      return x >= node.x && x <= node.x + node.width && y >= node.y && y <= node.y + node.height
    }
    for (const index of this.within(x, y, 1, 1)) if (isIn(index)) return index
    return this.frames.findLast(isIn)
  }

  *#cellsOf(x: number, y: number, width: number, height: number): Generator<number> {
    const lastColumn = Math.min(this.#columns - 1, Math.floor((x + width) / CELL_INDEX_PX))
    for (let row = Math.floor(y / CELL_INDEX_PX); row <= Math.floor((y + height) / CELL_INDEX_PX); row++)
      for (let column = Math.floor(x / CELL_INDEX_PX); column <= lastColumn; column++) yield row * this.#columns + column
  }
}
