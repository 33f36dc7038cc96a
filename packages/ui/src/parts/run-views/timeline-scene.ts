// What is drawn of a timeline, and where.
import type { TimeFormat } from '../../format.ts'
import type { Tone } from '../../states.ts'
import type { Frame } from './canvas.ts'
import type { Box } from './paint.ts'
import type { Task } from './segments.ts'
import type { TimeWindow } from './time-window.ts'
import { bandAt } from './timeline-layout.ts'
import type { Band, Profile, TimelineLayout } from './timeline-layout.ts'

export const MAP_PX = 34
export const AXIS_PX = 24
export const HEAD_PX = MAP_PX + AXIS_PX

/** Something that happened to the flow run itself. */
export interface RunMark {
  readonly at: number
  readonly tone: Tone
  readonly label: string
}

export interface Scene {
  readonly layout: TimelineLayout
  readonly whole: TimeWindow
  readonly window: TimeWindow
  readonly overview: Profile
  readonly scrollTop: number
  readonly gutter: number
  /** Names stand beside the rows: bars say how long they took. */
  readonly isByRun: boolean
  readonly origin: number
  readonly isLive: boolean
  readonly marks: readonly RunMark[]
  readonly axis: 'clock' | 'elapsed'
  readonly format: TimeFormat
  readonly selected: string | null
  readonly hovered: string | null
  /** A range that is being drawn on the axis. */
  readonly sweep: readonly [number, number] | null
}

export interface Plot {
  readonly frame: Frame
  readonly scene: Scene
  readonly left: number
  /** Pixels for a millisecond. */
  readonly scale: number
  /** Those to be drawn over all others. */
  readonly bars: { readonly box: Box; readonly task: Task }[]
}

export function xOf({ left, scale, scene }: Plot, at: number): number {
  return left + (at - scene.window.from) * scale
}

export function* bandsInSight({ layout, scrollTop }: Scene, height: number): Generator<Band> {
  const { bands } = layout
  const first = bandAt(bands, scrollTop)
  for (let index = first === undefined ? 0 : bands.indexOf(first); index < bands.length; index++) {
    const band = bands[index]!
    if (band.y > scrollTop + height) return
    yield band
  }
}

export function topOf({ scene }: Plot, band: Band): number {
  return HEAD_PX + band.y - scene.scrollTop
}
