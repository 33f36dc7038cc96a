import type { Page } from 'playwright-core'

/** Frames of a page over a while, in milliseconds. */
export interface Frames {
  readonly count: number
  readonly medianMs: number
  readonly longestMs: number
}

/**
 * Scrolls and zooms a run of thousands of task runs at 1440 x 900, always along the same path: 30 steps down, 20 into it, 20 along it, 20 out,
 * 30 up.
 */
export async function framesWhileMoving(page: Page): Promise<Frames> {
  const canvas = page.locator('main canvas').first()
  await canvas.waitFor()
  const box = await canvas.boundingBox()
  if (box === null) throw new Error('the run has no canvas to move on')
  const x = box.x + box.width * 0.6
  const y = box.y + box.height * 0.5
  await page.mouse.move(x, y)
  await page.evaluate(WATCH)
  await wheel(page, 30, 0, 120)
  await zoom(page, 20, -120)
  await wheel(page, 20, 120, 0)
  await zoom(page, 20, 120)
  await wheel(page, 30, 0, -120)
  const deltas = (await page.evaluate('globalThis.tuttiFrames.stop()')) as readonly number[] // made below
  const sorted = deltas.toSorted((a, b) => a - b)
  return { count: sorted.length, medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0, longestMs: sorted.at(-1) ?? 0 }
}

const WATCH = `globalThis.tuttiFrames = (() => {
  const deltas = []
  let last
  let id = requestAnimationFrame(function look(now) {
    if (last !== undefined) deltas.push(now - last)
    last = now
    id = requestAnimationFrame(look)
  })
  return { stop: () => (cancelAnimationFrame(id), deltas) }
})()`

const STEP_MS = 16

async function wheel(page: Page, steps: number, dx: number, dy: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await page.mouse.wheel(dx, dy)
    await page.waitForTimeout(STEP_MS)
  }
}

async function zoom(page: Page, steps: number, dy: number): Promise<void> {
  await page.keyboard.down('Control')
  await wheel(page, steps, 0, dy)
  await page.keyboard.up('Control')
}
