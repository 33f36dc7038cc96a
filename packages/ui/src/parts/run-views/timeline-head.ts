// Draws what is above the bars: the whole run, its times, and what happened to it.
import { cutText, textWidth } from './canvas.ts'
import { inkOn, paintSign } from './paint.ts'
import type { Box } from './paint.ts'
import type { Axis } from './timeline-axis.ts'
import { drawProfile } from './timeline-profile.ts'
import { AXIS_PX, HEAD_PX, MAP_PX, xOf } from './timeline-scene.ts'
import type { Plot, RunMark } from './timeline-scene.ts'

export function drawHead(plot: Plot, { at, labels }: Axis): void {
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
