// Draws a timeline: only what is in sight, from the back to the front.
import type { Frame } from './canvas.ts'
import { paintRing } from './paint.ts'
import { axisOf, drawGrid } from './timeline-axis.ts'
import { drawBand } from './timeline-bars.ts'
import { drawHead } from './timeline-head.ts'
import { drawGutter } from './timeline-names.ts'
import { bandsInSight, HEAD_PX } from './timeline-scene.ts'
import type { Plot, Scene } from './timeline-scene.ts'

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
