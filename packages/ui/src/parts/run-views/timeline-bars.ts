// Draws task runs: a bar for each, or what many of them add up to.
import { duration } from '../../format.ts'
import type { Tone } from '../../states.ts'
import { cutText, textWidth } from './canvas.ts'
import { inkOn, paintBox, paintSign, textureOf } from './paint.ts'
import type { Box } from './paint.ts'
import { tookMs } from './segments.ts'
import type { Segment, Task } from './segments.ts'
import { countBelow } from './timeline-layout.ts'
import type { Band, Bar, Lane } from './timeline-layout.ts'
import { drawProfile } from './timeline-profile.ts'
import { HEAD_PX, topOf, xOf } from './timeline-scene.ts'
import type { Plot } from './timeline-scene.ts'

export function drawBand(plot: Plot, band: Band): void {
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

const OVER_OTHERS: ReadonlySet<Tone> = new Set(['failed', 'crashed', 'retried'])

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
    // Many in one pixel are drawn once; what did not go well is drawn over what did.
    const isHidden = end <= drawnTo && (bar.task.tone === drawnTone || !OVER_OTHERS.has(bar.task.tone))
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
  const needed = textWidth(context, label) + signRoom
  const before = box.x - 5 - needed
  // Where a row has one bar only, there is room on its other side.
  if (plot.scene.isByRun && room + signRoom < needed && before > left) {
    if (hasSign) paintSign(context, task.tone, before, middle - SIGN_PX / 2, SIGN_PX, palette.toneText[task.tone])
    context.fillStyle = palette.ink2
    context.fillText(label, before + signRoom, middle + 0.5)
    return
  }
  if (hasSign && room >= 0) paintSign(context, task.tone, start, middle - SIGN_PX / 2, SIGN_PX, palette.toneText[task.tone])
  if (room < LABEL_FROM_PX) return
  context.fillStyle = palette.ink2
  context.fillText(cutText(context, label, room), start + signRoom, middle + 0.5)
}
