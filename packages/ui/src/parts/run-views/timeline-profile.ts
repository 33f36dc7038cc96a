// Draws how many task runs went on at once.
import { shortNumber } from '../../format.ts'
import { textWidth } from './canvas.ts'
import type { Box } from './paint.ts'
import type { TimeWindow } from './time-window.ts'
import { activeWithin } from './timeline-layout.ts'
import type { Profile } from './timeline-layout.ts'
import type { Plot } from './timeline-scene.ts'

export function drawProfile(plot: Plot, profile: Profile, box: Box, window: TimeWindow, isMap = false): void {
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
  const text = `up to ${shortNumber(most)} at once`
  const wide = textWidth(context, text)
  const right = box.x + box.width - 8
  // It is read over whatever is there.
  context.fillStyle = palette.surface
  context.globalAlpha = 0.8
  context.fillRect(right - wide - 3, box.y - 1, wide + 6, 14)
  context.globalAlpha = 1
  context.fillStyle = palette.ink3
  context.fillText(text, right - wide, box.y + 6)
}
