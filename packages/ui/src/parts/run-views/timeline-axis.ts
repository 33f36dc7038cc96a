// Draws what is behind the bars: times and rows.
import { clockLabels, clockTicks, elapsedLabel, elapsedTicks, zoneOffset } from './ticks.ts'
import { bandsInSight, HEAD_PX, topOf, xOf } from './timeline-scene.ts'
import type { Plot } from './timeline-scene.ts'

export interface Axis {
  readonly at: readonly number[]
  readonly labels: readonly string[]
}

export function axisOf({ frame, scene }: Plot): Axis {
  const { from, to } = scene.window
  const marksMax = Math.max(2, (frame.width - scene.gutter) / (scene.axis === 'clock' ? 104 : 88))
  if (scene.axis === 'elapsed') {
    const ticks = elapsedTicks({ from, to, origin: scene.origin, marksMax })
    return { at: ticks.at, labels: ticks.at.map((at) => elapsedLabel(at - scene.origin, ticks.stepMs)) }
  }
  const ticks = clockTicks({ from, to, marksMax, offsetAt: zoneOffset(scene.format.zone) })
  return { at: ticks.at, labels: clockLabels(ticks, scene.format.zone) }
}

export function drawGrid(plot: Plot, at: readonly number[]): void {
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
