// Draws the names beside the bars.
import { shortNumber } from '../../format.ts'
import type { Tone } from '../../states.ts'
import { cutText, textWidth } from './canvas.ts'
import { paintSign } from './paint.ts'
import type { Task } from './segments.ts'
import type { Band, TimelineLayout } from './timeline-layout.ts'
import { bandsInSight, HEAD_PX, topOf } from './timeline-scene.ts'
import type { Plot } from './timeline-scene.ts'

const CHEVRON_PX = 14
const INDENT_PX = 12

export function gutterOf(width: number, layout: TimelineLayout): number {
  const longest = layout.bands.reduce((most, { title, depth }) => Math.max(most, title.length + depth * 2), 0)
  return Math.round(Math.min(longest * 7 + 62 + chevronRoom(layout), Math.max(112, width * 0.32), 260))
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

export function drawGutter(plot: Plot): void {
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
  'retried',
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
