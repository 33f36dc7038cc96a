// Where the bars of the timeline stand from top to bottom: one band for each task, or a row for each task run.
import { packLanes } from './lanes.ts'
import type { Task } from './segments.ts'

/** A task run in its lane. */
export interface Bar {
  readonly task: Task
  /** Of what is drawn of it. */
  readonly from: number
  /** `Infinity`: still going on. */
  readonly to: number
  /** Whether its wait before the first attempt is drawn. */
  readonly hasWait: boolean
}

export interface Lane {
  readonly bars: readonly Bar[]
  /** Ends of the bars, each at least as late as those before it: for finding the first one in sight. */
  readonly reach: Float64Array
}

export interface Band {
  /** Names it in what is opened and closed. */
  readonly key: string
  readonly title: string
  readonly depth: number
  readonly y: number
  readonly height: number
  /** In the order of their beginnings. */
  readonly tasks: readonly Task[]
  readonly lanes: readonly Lane[]
  readonly laneHeight: number
  /** Instead of lanes: how many ran when. */
  readonly profile: Profile | null
  /** `null`: there is nothing to open. */
  readonly isOpen: boolean | null
  readonly isRow: boolean
}

export interface Profile {
  readonly starts: Float64Array
  readonly ends: Float64Array
  /** Of those that failed or crashed. */
  readonly badStarts: Float64Array
  readonly badEnds: Float64Array
  /** How many ran at once at most. */
  readonly peak: number
}

export type Grouping = 'task' | 'run'

export interface LayoutOptions {
  readonly grouping: Grouping
  /** Keys of bands that stand otherwise than they would by themselves. */
  readonly toggled: ReadonlySet<string>
  /** Task runs of sub-flows that were opened, by the flow run. */
  readonly childrenOf: (flowRunId: string) => readonly Task[] | undefined
}

export interface TimelineLayout {
  readonly bands: readonly Band[]
  readonly height: number
  /** Task runs from top to bottom, as the keys walk them. */
  readonly order: readonly Task[]
}

export const ROW_PX = 24
/** Lanes get thinner the more there are. */
const LANE_PX: readonly (readonly [lanesMax: number, px: number])[] = [
  [10, 22],
  [40, 16],
  [150, 10],
  [600, 6],
  [Infinity, 4],
]
/** Bands with more lanes show how many ran when, until they are opened. */
const OPEN_LANES_MAX = 40
const PROFILE_PX = 56
const BAND_GAP_PX = 2
/** In bands of more, waits before the first attempt are left out: all calls of a fan-out wait together. */
const WAITS_TASKS_MAX = 30
const DEPTH_MAX = 5

export function layoutTimeline(tasks: readonly Task[], options: LayoutOptions): TimelineLayout {
  const place: Placing = { bands: [], order: [], y: 0 }
  if (options.grouping === 'task') placeByTask(place, tasks, options, '', 0)
  else placeRows(place, tasks, options, '', 0)
  return { bands: place.bands, height: place.y, order: place.order }
}

interface Placing {
  readonly bands: Band[]
  readonly order: Task[]
  y: number
}

function add(place: Placing, band: Omit<Band, 'y'>): void {
  place.bands.push({ ...band, y: place.y })
  place.y += band.height + BAND_GAP_PX
  for (const task of band.tasks) place.order.push(task)
}

function placeByTask(place: Placing, tasks: readonly Task[], options: LayoutOptions, prefix: string, depth: number): void {
  for (const [taskKey, group] of groupByKey(tasks)) {
    const key = `${prefix}${taskKey}`
    const hasWait = group.length <= WAITS_TASKS_MAX
    const lanes = packLanes(barsOf(group, hasWait)).map(laneOf)
    const isMany = lanes.length > OPEN_LANES_MAX
    const isToggled = options.toggled.has(key)
    const opened = depth < DEPTH_MAX ? group.filter(({ row }) => row.child_flow_run_id !== null) : []
    const hasChildren = opened.length > 0
    const isProfile = lanes.length > 1 && (isMany !== isToggled || (hasChildren && isMany)) && !(hasChildren && !isMany)
    const laneHeight = LANE_PX.find(([max]) => lanes.length <= max)![1]
    add(place, {
      key,
      title: titleOf(taskKey),
      depth,
      tasks: group,
      height: isProfile ? PROFILE_PX : Math.max(ROW_PX, lanes.length * laneHeight + 2),
      lanes: isProfile ? [] : lanes,
      laneHeight,
      profile: isProfile ? profileOf(group) : null,
      isOpen: hasChildren && !isMany ? isToggled : lanes.length > 1 ? !isProfile : null,
      isRow: false,
    })
    if (!hasChildren || isMany || !isToggled) continue
    const inside = opened.flatMap(({ row }) => options.childrenOf(row.child_flow_run_id!) ?? [])
    placeByTask(place, inside.toSorted(byStart), options, `${key}/`, depth + 1)
  }
}

/** Calls inside a task stand below it, those of a sub-flow once it is opened. */
function placeRows(place: Placing, tasks: readonly Task[], options: LayoutOptions, prefix: string, depth: number): void {
  const ids = new Set(tasks.map(({ id }) => id))
  const inside = Map.groupBy(tasks, ({ row }) =>
    row.parent_task_run_id !== null && ids.has(row.parent_task_run_id) ? row.parent_task_run_id : '',
  )
  const visit = (task: Task, level: number): void => {
    const key = `${prefix}${task.id}`
    const own = inside.get(task.id) ?? []
    const child = level < DEPTH_MAX ? task.row.child_flow_run_id : null
    const isToggled = options.toggled.has(key)
    // Sub-flows are closed until they are opened, calls inside a task are seen until they are closed.
    const isOpen = child !== null ? isToggled : own.length > 0 ? !isToggled : null
    add(place, {
      key,
      title: task.row.name,
      depth: level,
      tasks: [task],
      height: ROW_PX - BAND_GAP_PX,
      lanes: [laneOf(barsOf([task], true))],
      laneHeight: 22,
      profile: null,
      isOpen,
      isRow: true,
    })
    if (isOpen !== true) return
    if (level < DEPTH_MAX) for (const each of own) visit(each, level + 1)
    if (child !== null) placeRows(place, options.childrenOf(child) ?? [], options, `${prefix}${task.id}/`, level + 1)
  }
  for (const task of inside.get('') ?? []) visit(task, depth)
}

/** Groups in the order in which their first one was called. */
export function groupByKey(tasks: readonly Task[]): Map<string, Task[]> {
  return Map.groupBy(tasks, ({ row }) => row.task_key)
}

/** `flow:report` stands for a sub-flow, `wait:sleep` for a wait of the flow itself. */
export function titleOf(taskKey: string): string {
  return taskKey.replace(/^(?:flow|wait):/, '')
}

export function byStart(a: Task, b: Task): number {
  return a.from - b.from || a.called - b.called || (a.id < b.id ? -1 : 1)
}

function barsOf(tasks: readonly Task[], hasWait: boolean): Bar[] {
  const bars = tasks.map((task) => ({
    task,
    from: hasWait ? (task.segments[0]?.from ?? task.from) : task.from,
    to: task.to ?? Infinity,
    hasWait,
  }))
  return hasWait ? bars.toSorted((a, b) => a.from - b.from) : bars
}

function laneOf(bars: readonly Bar[]): Lane {
  const reach = new Float64Array(bars.length)
  let latest = -Infinity
  for (const [index, { to }] of bars.entries()) {
    latest = Math.max(latest, to)
    reach[index] = latest
  }
  return { bars, reach }
}

export function profileOf(tasks: readonly Task[]): Profile {
  const bad = tasks.filter(({ tone }) => tone === 'failed' || tone === 'crashed')
  const starts = sorted(tasks.map(({ from }) => from))
  const ends = sorted(tasks.map(({ to }) => to ?? Infinity))
  let peak = 0
  let ended = 0
  for (const [index, start] of starts.entries()) {
    while (ended < ends.length && ends[ended]! <= start) ended += 1
    peak = Math.max(peak, index + 1 - ended)
  }
  return { starts, ends, badStarts: sorted(bad.map(({ from }) => from)), badEnds: sorted(bad.map(({ to }) => to ?? Infinity)), peak }
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).toSorted()
}

/** How many of the values are smaller than the bound. */
export function countBelow(values: ArrayLike<number>, bound: number): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! < bound) low = middle + 1
    else high = middle
  }
  return low
}

/** How many went on at some moment of a stretch. */
export function activeWithin(starts: Float64Array, ends: Float64Array, from: number, to: number): number {
  return countBelow(starts, to) - countBelow(ends, from)
}

/** The band at a height, or the nearest above it. */
export function bandAt(bands: readonly Band[], y: number): Band | undefined {
  let low = 0
  let high = bands.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (bands[middle]!.y <= y) low = middle + 1
    else high = middle
  }
  return bands[low - 1]
}

/** The bar of a band at a point, with some patience for what is too small to be met. */
export function barAt(band: Band, y: number, at: number, patienceMs: number): Bar | undefined {
  const lane = band.lanes[Math.min(band.lanes.length - 1, Math.max(0, Math.floor((y - band.y - 1) / band.laneHeight)))]
  if (lane === undefined) return undefined
  let best: Bar | undefined
  let distance = patienceMs
  for (let index = countBelow(lane.reach, at - patienceMs); index < lane.bars.length; index++) {
    const bar = lane.bars[index]!
    if (bar.from > at + patienceMs) break
    const away = Math.max(bar.from - at, at - bar.to, 0)
    if (away > distance) continue
    best = bar
    distance = away
  }
  return best
}
