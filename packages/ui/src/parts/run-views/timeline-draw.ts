// Draws a timeline: only what is in sight, from the back to the front.
import { duration, shortNumber } from '../../format.ts'
import type { TimeFormat } from '../../format.ts'
import type { Tone } from '../../states.ts'
import { cutText, textWidth } from './canvas.ts'
import type { Frame } from './canvas.ts'
import { inkOn, paintBox, paintRing, paintSign, textureOf } from './paint.ts'
import type { Box } from './paint.ts'
import { activeWithin, bandAt, countBelow } from './timeline-layout.ts'
import type { Band, Bar, Lane, Profile, TimelineLayout } from './timeline-layout.ts'
import { tookMs } from './segments.ts'
import type { Segment, Task } from './segments.ts'
import { clockLabels, clockTicks, elapsedLabel, elapsedTicks, zoneOffset } from './ticks.ts'
import type { TimeWindow } from './time-window.ts'

export const MAP_PX = 34
const AXIS_PX = 24
export const HEAD_PX = MAP_PX + AXIS_PX
const CHEVRON_PX = 14
const INDENT_PX = 12

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

export function gutterOf(width: number, layout: TimelineLayout): number {
  const longest = layout.bands.reduce((most, { title, depth }) => Math.max(most, title.length + depth * 2), 0)
  return Math.round(Math.min(longest * 7 + 62 + chevronRoom(layout), Math.max(112, width * 0.24), 260))
}

const chevrons = new WeakMap<TimelineLayout, number>()

/** None where nothing can be opened. */
function chevronRoom(layout: TimelineLayout): number {
  const known = chevrons.get(layout)
  if (known !== undefined) return known
  const room = layout.bands.some(({ isOpen }) => isOpen !== null) ? CHEVRON_PX : 0
  chevrons.set(layout, room)
  return room
}

export function drawTimeline(frame: Frame, scene: Scene): void {
  const { context, width, height, palette } = frame
  const { gutter, window } = scene
  const plot: Plot = { frame, scene, left: gutter, scale: (width - gutter) / (window.to - window.from), bars: [] }
  const ticks = axisOf(plot)
  context.textBaseline = 'middle'
  drawGrid(plot, ticks.at)
  context.save()
  context.beginPath()
  context.rect(gutter, HEAD_PX, width - gutter, height - HEAD_PX)
  context.clip()
  for (const band of bandsInSight(scene, height)) drawBand(plot, band)
  for (const { box, task } of plot.bars) if (task.id === scene.selected) paintRing(context, palette, box)
  context.restore()
  drawGutter(plot)
  drawHead(plot, ticks)
}

interface Plot {
  readonly frame: Frame
  readonly scene: Scene
  readonly left: number
  /** Pixels for a millisecond. */
  readonly scale: number
  /** Those to be drawn over all others. */
  readonly bars: { readonly box: Box; readonly task: Task }[]
}

function xOf({ left, scale, scene }: Plot, at: number): number {
  return left + (at - scene.window.from) * scale
}

function* bandsInSight({ layout, scrollTop }: Scene, height: number): Generator<Band> {
  const { bands } = layout
  const first = bandAt(bands, scrollTop)
  for (let index = first === undefined ? 0 : bands.indexOf(first); index < bands.length; index++) {
    const band = bands[index]!
    if (band.y > scrollTop + height) return
    yield band
  }
}

function topOf({ scene }: Plot, band: Band): number {
  return HEAD_PX + band.y - scene.scrollTop
}

/* ── behind the bars ── */

interface Axis {
  readonly at: readonly number[]
  readonly labels: readonly string[]
}

function axisOf({ frame, scene }: Plot): Axis {
  const { from, to } = scene.window
  const marksMax = Math.max(2, (frame.width - scene.gutter) / (scene.axis === 'clock' ? 104 : 88))
  if (scene.axis === 'elapsed') {
    const ticks = elapsedTicks({ from, to, origin: scene.origin, marksMax })
    return { at: ticks.at, labels: ticks.at.map((at) => elapsedLabel(at - scene.origin, ticks.stepMs)) }
  }
  const ticks = clockTicks({ from, to, marksMax, offsetAt: zoneOffset(scene.format.zone) })
  return { at: ticks.at, labels: clockLabels(ticks, scene.format.zone) }
}

function drawGrid(plot: Plot, at: readonly number[]): void {
  const { frame, scene } = plot
  const { context, palette, height, width } = frame
  for (const band of bandsInSight(scene, height)) {
    const y = topOf(plot, band)
    const isSelected = band.isRow && band.tasks[0]?.id === scene.selected
    if (isSelected || (band.isRow && band.tasks[0]?.id === scene.hovered)) {
      context.fillStyle = isSelected ? palette.accentSoft : palette.hover
      context.fillRect(0, y - 1, width, band.height + 2)
    }
    context.fillStyle = palette.line
    context.globalAlpha = 0.55
    context.fillRect(0, Math.round(y + band.height), width, 1)
    context.globalAlpha = 1
  }
  context.fillStyle = palette.line
  context.globalAlpha = 0.7
  for (const each of at) context.fillRect(Math.round(xOf(plot, each)), HEAD_PX, 1, height)
  context.globalAlpha = 1
}

/* ── bars ── */

function drawBand(plot: Plot, band: Band): void {
  const y = topOf(plot, band)
  if (band.profile !== null)
    return drawProfile(
      plot,
      band.profile,
      { x: plot.left, y: y + 3, width: plot.frame.width - plot.left, height: band.height - 5 },
      plot.scene.window,
    )
  const first = Math.max(0, Math.floor((HEAD_PX - y) / band.laneHeight))
  const inset = band.laneHeight >= 16 ? 2 : band.laneHeight >= 8 ? 1 : 0.5
  for (let index = first; index < band.lanes.length; index++) {
    const top = y + 1 + index * band.laneHeight
    if (top > plot.frame.height) return
    drawLane(plot, band.lanes[index]!, top + inset, band.laneHeight - 2 * inset)
  }
}

function drawLane(plot: Plot, { bars, reach }: Lane, y: number, height: number): void {
  const { scene, frame, left } = plot
  const { from, to } = scene.window
  let drawnTo = -Infinity
  let drawnTone: Tone | undefined
  for (let index = countBelow(reach, from); index < bars.length; index++) {
    const bar = bars[index]!
    if (bar.from > to) return
    const start = xOf(plot, bar.from)
    const end = Math.max(start + 1, Math.min(xOf(plot, Math.min(bar.to, frame.now)), frame.width + 50))
    // Many in one pixel are drawn once; what failed is drawn over what did not.
    const isHidden = end <= drawnTo && (bar.task.tone === drawnTone || (bar.task.tone !== 'failed' && bar.task.tone !== 'crashed'))
    if (isHidden && bar.task.id !== scene.selected) continue
    if (end >= left) drawBar(plot, bar, { x: start, y, width: end - start, height }, bars[index + 1])
    if (end - start <= 2) {
      drawnTo = Math.ceil(end)
      drawnTone = bar.task.tone
    }
  }
}

const SIGN_PX = 12
const LABEL_FROM_PX = 26
const QUIET: ReadonlySet<Tone> = new Set(['completed', 'running'])

function drawBar(plot: Plot, bar: Bar, box: Box, next: Bar | undefined): void {
  const { frame, scene, left } = plot
  const { context, palette } = frame
  const { task } = bar
  let widest: { x: number; width: number; segment: Segment } | undefined
  for (const segment of task.segments) {
    if (!bar.hasWait && segment.to !== null && segment.to <= bar.from && segment.kind === 'wait') continue
    const start = xOf(plot, segment.from)
    const end = segment.kind === 'mark' ? start + 5 : Math.max(start + 1, xOf(plot, segment.to ?? frame.now))
    if (end < left || start > frame.width) continue
    const x = Math.max(start, left - 8)
    const width = Math.min(end, frame.width + 8) - x
    const isThin = segment.kind === 'wait' && box.height >= 10
    paintBox(
      frame,
      isThin ? { x, y: box.y + box.height * 0.28, width, height: box.height * 0.44 } : { x, y: box.y, width, height: box.height },
      segment.tone,
      textureOf(segment.kind, segment.tone),
    )
    if (segment.kind !== 'wait' && (widest === undefined || width > widest.width)) widest = { x, width, segment }
    if (segment.kind === 'run' && segment.tone === 'failed' && task.segments.length > 1 && width >= 14 && box.height >= 11)
      paintSign(context, 'failed', x + width - 12, box.y + box.height / 2 - 5, 10, inkOn(palette, 'failed', 'solid'))
  }
  if (task.id === scene.selected) plot.bars.push({ box, task })
  else if (task.id === scene.hovered) {
    context.strokeStyle = palette.ink
    context.lineWidth = 1.25
    context.strokeRect(box.x - 0.5, box.y - 0.5, box.width + 1, box.height + 1)
  }
  if (box.height >= 11) labelBar(plot, { task, text: scene.isByRun ? duration(tookMs(task, frame.now)) : task.row.name }, box, widest, next)
}

function labelBar(
  plot: Plot,
  { task, text: label }: { readonly task: Task; readonly text: string },
  box: Box,
  widest: { x: number; width: number; segment: Segment } | undefined,
  next: Bar | undefined,
): void {
  const { frame, left } = plot
  const { context, palette } = frame
  context.font = `500 11px ${palette.font}`
  const middle = box.y + box.height / 2
  const hasSign = !QUIET.has(task.tone)
  const signRoom = hasSign ? SIGN_PX + 4 : 0
  const seenFrom = Math.max(box.x, left)
  if (widest !== undefined) {
    const x = Math.max(widest.x, left)
    const room = widest.width - (x - widest.x) - 12 - signRoom
    const isWhole = textWidth(context, label) <= room
    const isNarrow = (plot.scene.isByRun || task.segments.length > 1) && !isWhole
    if (room >= LABEL_FROM_PX && !isNarrow) {
      const texture = textureOf(widest.segment.kind, widest.segment.tone)
      const ink = inkOn(palette, widest.segment.tone, texture)
      if (hasSign) paintSign(context, task.tone, x + 5, middle - SIGN_PX / 2, SIGN_PX, ink)
      const text = cutText(context, label, room)
      if (texture === 'barred' && text !== '') {
        // Stripes are no ground for letters.
        context.fillStyle = palette.surface
        context.globalAlpha = 0.82
        context.fillRect(x + 3, middle - 7, textWidth(context, text) + signRoom + 6, 14)
        context.globalAlpha = 1
        if (hasSign) paintSign(context, task.tone, x + 5, middle - SIGN_PX / 2, SIGN_PX, palette.toneText[task.tone])
      }
      context.fillStyle = ink
      context.fillText(text, x + 6 + signRoom, middle + 0.5)
      return
    }
  }
  // Beside the bar, up to the next one.
  const start = Math.max(box.x + box.width, seenFrom) + 5
  const end = next === undefined ? frame.width : xOf(plot, next.from)
  const room = end - start - 6 - signRoom
  if (hasSign && room >= 0) paintSign(context, task.tone, start, middle - SIGN_PX / 2, SIGN_PX, palette.toneText[task.tone])
  if (room < LABEL_FROM_PX) return
  context.fillStyle = palette.ink2
  context.fillText(cutText(context, label, room), start + signRoom, middle + 0.5)
}

function drawProfile(plot: Plot, profile: Profile, box: Box, window: TimeWindow, isMap = false): void {
  const { frame } = plot
  const { context, palette } = frame
  const columns = Math.max(1, Math.ceil(box.width / 2))
  const step = (window.to - window.from) / columns
  const counts = new Float64Array(columns)
  const bad = new Float64Array(columns)
  let most = profile.peak
  for (let column = 0; column < columns; column++) {
    const from = window.from + column * step
    if (from > frame.now) break
    counts[column] = activeWithin(profile.starts, profile.ends, from, from + step)
    if (profile.badStarts.length > 0) bad[column] = activeWithin(profile.badStarts, profile.badEnds, from, from + step)
    most = Math.max(most, counts[column]!)
  }
  const width = box.width / columns
  const bottom = box.y + box.height
  const paint = (values: Float64Array, color: string, alpha: number): void => {
    context.fillStyle = color
    context.globalAlpha = alpha
    context.beginPath()
    for (let column = 0; column < columns; column++) {
      const count = values[column]!
      if (count === 0) continue
      const tall = Math.max(1.5, (count / most) * box.height)
      context.rect(box.x + column * width, bottom - tall, width + 0.4, tall)
    }
    context.fill()
    context.globalAlpha = 1
  }
  paint(counts, isMap ? palette.ink3 : palette.tone.completed, isMap ? 0.45 : 0.55)
  if (profile.badStarts.length > 0) paint(bad, palette.tone.failed, 1)
  if (isMap) return
  context.font = `500 10px ${palette.font}`
  context.textAlign = 'right'
  context.fillStyle = palette.ink3
  context.fillText(`up to ${shortNumber(most)} at once`, box.x + box.width - 8, box.y + 6)
  context.textAlign = 'left'
}

/* ── names ── */

function drawGutter(plot: Plot): void {
  const { frame, scene } = plot
  const { context, palette, height } = frame
  const { gutter } = scene
  context.save()
  context.beginPath()
  context.rect(0, HEAD_PX, gutter, height - HEAD_PX)
  context.clip()
  for (const band of bandsInSight(scene, height)) {
    const y = topOf(plot, band)
    const isSelected = band.isRow && band.tasks[0]?.id === scene.selected
    const isHovered = band.isRow && band.tasks[0]?.id === scene.hovered
    context.fillStyle = isSelected ? palette.accentSoft : isHovered ? palette.hover : palette.surface
    context.fillRect(0, y - 1, gutter, band.height + 2)
    context.fillStyle = palette.line
    context.globalAlpha = 0.55
    context.fillRect(0, Math.round(y + band.height), gutter, 1)
    context.globalAlpha = 1
    drawName(plot, band, y)
  }
  context.restore()
  context.fillStyle = palette.line
  context.fillRect(gutter - 1, HEAD_PX, 1, height)
}

function drawName({ frame, scene }: Plot, band: Band, y: number): void {
  const { context, palette } = frame
  // The name of a tall band stays in sight as long as the band is.
  const middle = Math.min(Math.max(y + 12, HEAD_PX + 12), y + band.height - 11)
  let x = 8 + band.depth * INDENT_PX
  if (band.isOpen !== null) {
    context.strokeStyle = palette.ink3
    context.lineWidth = 1.6
    context.beginPath()
    if (band.isOpen) {
      context.moveTo(x + 1, middle - 2)
      context.lineTo(x + 4.5, middle + 2)
      context.lineTo(x + 8, middle - 2)
    } else {
      context.moveTo(x + 3, middle - 3.5)
      context.lineTo(x + 7, middle)
      context.lineTo(x + 3, middle + 3.5)
    }
    context.stroke()
  }
  x += chevronRoom(scene.layout)
  const tone = worstTone(band.tasks)
  paintSign(context, tone, x, middle - 6, 12, palette.toneText[tone])
  x += 18
  context.font = `500 12px ${palette.font}`
  const count = band.isRow || band.tasks.length === 1 ? '' : `×${shortNumber(band.tasks.length)}`
  const room = scene.gutter - x - 8
  const countWidth = count === '' ? 0 : textWidth(context, count) + 6
  context.fillStyle = palette.ink
  const name = cutText(context, band.title, Math.max(24, room - countWidth))
  context.fillText(name, x, middle + 0.5)
  if (count === '') return
  context.fillStyle = palette.ink3
  context.fillText(count, x + textWidth(context, name) + 6, middle + 0.5)
}

const SEVERITY: readonly Tone[] = [
  'failed',
  'crashed',
  'retrying',
  'running',
  'paused',
  'late',
  'pending',
  'scheduled',
  'cancelled',
  'completed',
  'replayed',
  'cached',
]
const severities = new WeakMap<readonly Task[], Tone>()

/** The one somebody would want to know of. */
function worstTone(tasks: readonly Task[]): Tone {
  const known = severities.get(tasks)
  if (known !== undefined) return known
  const seen = new Set(tasks.map(({ tone }) => tone))
  const tone = SEVERITY.find((each) => seen.has(each)) ?? 'pending'
  severities.set(tasks, tone)
  return tone
}

/* ── above ── */

function drawHead(plot: Plot, { at, labels }: Axis): void {
  const { frame, scene } = plot
  const { context, palette, width, height } = frame
  const { gutter } = scene
  context.fillStyle = palette.surface
  context.fillRect(0, 0, width, HEAD_PX)
  drawMap(plot)
  context.save()
  context.beginPath()
  context.rect(gutter, MAP_PX, width - gutter, height)
  context.clip()
  context.font = `500 11px ${palette.font}`
  context.fillStyle = palette.ink3
  const flags = flagsOf(plot)
  context.font = `500 11px ${palette.font}`
  context.fillStyle = palette.ink3
  let free = -Infinity
  for (const [index, each] of at.entries()) {
    const x = xOf(plot, each)
    const label = labels[index]!
    const start = x + 4
    const end = start + textWidth(context, label)
    context.fillRect(Math.round(x), MAP_PX + AXIS_PX - 7, 1, 7)
    if (start < free || end > width || flags.some(({ left, wide }) => start < left + wide + 4 && end > left - 4)) continue
    context.fillText(label, start, MAP_PX + AXIS_PX / 2 + 1)
    free = end + 8
  }
  drawMarks(plot, flags)
  if (scene.sweep !== null) {
    const [from, to] = scene.sweep
    context.fillStyle = palette.accent
    context.globalAlpha = 0.16
    context.fillRect(Math.min(from, to), MAP_PX, Math.abs(to - from), height)
    context.globalAlpha = 1
  }
  context.restore()
  context.fillStyle = palette.line
  context.fillRect(0, HEAD_PX - 1, width, 1)
  context.fillRect(gutter - 1, 0, 1, HEAD_PX)
  context.fillStyle = palette.ink3
  context.font = `500 11px ${palette.font}`
  context.fillText(
    cutText(context, scene.axis === 'elapsed' ? 'since it began' : (scene.format.zone ?? 'local time'), gutter - 20),
    10,
    MAP_PX + AXIS_PX / 2 + 1,
  )
}

interface Flag {
  readonly mark: RunMark
  readonly x: number
  readonly left: number
  readonly wide: number
}

/** Those that have room for their words; of several in one place the first. */
function flagsOf(plot: Plot): readonly Flag[] {
  const { frame, scene } = plot
  const { context, palette, width } = frame
  context.font = `600 10.5px ${palette.font}`
  const flags: Flag[] = []
  let free = -Infinity
  for (const mark of scene.marks) {
    const x = Math.round(xOf(plot, mark.at)) + 0.5
    if (x < scene.gutter || x > width || x < free) continue
    const wide = textWidth(context, mark.label) + 24
    flags.push({ mark, x, left: Math.min(x, width - wide), wide })
    free = x + wide
  }
  return flags
}

function drawMarks(plot: Plot, flags: readonly Flag[]): void {
  const { frame, scene } = plot
  const { context, palette, height, width } = frame
  for (const { mark, x, left, wide } of flags) {
    const { tone, label } = mark
    context.strokeStyle = palette.tone[tone]
    context.lineWidth = 1.5
    context.setLineDash([4, 3])
    context.beginPath()
    context.moveTo(x, HEAD_PX)
    context.lineTo(x, height)
    context.stroke()
    context.setLineDash([])
    context.fillStyle = palette.tone[tone]
    context.beginPath()
    context.roundRect(left, MAP_PX + 4, wide, 16, 3)
    context.fill()
    const ink = inkOn(palette, tone, 'solid')
    paintSign(context, tone, left + 4, MAP_PX + 7, 10, ink)
    context.font = `600 10.5px ${palette.font}`
    context.fillStyle = ink
    context.fillText(label, left + 18, MAP_PX + 12.5)
  }
  if (!scene.isLive) return
  const x = Math.round(xOf(plot, frame.now)) + 0.5
  if (x < scene.gutter || x > width) return
  context.strokeStyle = palette.tone.running
  context.lineWidth = 1
  context.beginPath()
  context.moveTo(x, MAP_PX + AXIS_PX - 8)
  context.lineTo(x, height)
  context.stroke()
  context.fillStyle = palette.tone.running
  context.beginPath()
  context.arc(x, MAP_PX + AXIS_PX - 8, 3, 0, Math.PI * 2)
  context.fill()
}

function drawMap(plot: Plot): void {
  const { frame, scene } = plot
  const { context, palette, width } = frame
  const { gutter, whole, window } = scene
  const box: Box = { x: gutter, y: 5, width: width - gutter, height: MAP_PX - 9 }
  context.fillStyle = palette.sunken
  context.fillRect(gutter, 0, width - gutter, MAP_PX)
  drawProfile(plot, scene.overview, box, whole, true)
  const scale = box.width / (whole.to - whole.from)
  const from = Math.max(box.x, box.x + (window.from - whole.from) * scale)
  const to = Math.min(box.x + box.width, box.x + (window.to - whole.from) * scale)
  if (from > box.x + 1 || to < box.x + box.width - 1) {
    context.fillStyle = palette.surface
    context.globalAlpha = 0.62
    context.fillRect(box.x, 0, from - box.x, MAP_PX)
    context.fillRect(to, 0, box.x + box.width - to, MAP_PX)
    context.globalAlpha = 1
    context.strokeStyle = palette.accent
    context.lineWidth = 1.5
    context.strokeRect(from + 0.75, 0.75, Math.max(3, to - from - 1.5), MAP_PX - 1.5)
  }
  for (const { at, tone } of scene.marks) {
    context.fillStyle = palette.tone[tone]
    context.fillRect(Math.round(box.x + (at - whole.from) * scale) - 1, 0, 2, MAP_PX)
  }
  context.fillStyle = palette.line
  context.fillRect(gutter, MAP_PX - 1, width - gutter, 1)
  context.fillStyle = palette.ink3
  context.font = `500 11px ${palette.font}`
  context.fillText(cutText(context, 'whole run', gutter - 20), 10, MAP_PX / 2)
}
