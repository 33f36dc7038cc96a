// How states look on a canvas: colour, pattern and sign, the same in all views and in their legend.
import type { Tone } from '../../states.ts'
import type { Frame, Palette } from './canvas.ts'

/** Drawn in a box of 24 by 24. */
const SIGNS: Readonly<Record<Tone, string>> = {
  completed: 'M20 6 9 17l-5-5',
  cached: 'M2 13l4 4L16 7M12 16l1.5 1.5L23 8',
  replayed: 'M3 12a9 9 0 1 0 3-6.7L3 8M3 3v5h5M12 7.5V12l3.5 2',
  retried: 'M21 12a9 9 0 1 1-3-6.7L21 8M21 3v5h-5M8 12l3 3 5-5',
  failed: 'M18 6 6 18M6 6l12 12',
  crashed: 'M13 2 4 14h7l-1 8 9-12h-7z',
  running: 'M8 5v14l11-7z',
  pending: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18',
  scheduled: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.5V12l3 2',
  late: 'M12 5a8 8 0 1 0 0 16a8 8 0 1 0 0-16M12 9v4l2 2M5 3 2 6M22 6l-3-3',
  retrying: 'M21 12a9 9 0 1 1-3-6.7L21 8M21 3v5h-5',
  paused: 'M8 5v14M16 5v14',
  cancelled: 'M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M5.6 5.6l12.8 12.8',
}

const paths = new Map<Tone, Path2D>()
const SOLID_SIGNS: ReadonlySet<Tone> = new Set(['running', 'crashed'])

export function paintSign(context: CanvasRenderingContext2D, tone: Tone, x: number, y: number, size: number, color: string): void {
  let path = paths.get(tone)
  if (path === undefined) {
    path = new Path2D(SIGNS[tone])
    paths.set(tone, path)
  }
  context.save()
  context.translate(x, y)
  context.scale(size / 24, size / 24)
  if (SOLID_SIGNS.has(tone)) {
    context.fillStyle = color
    context.fill(path)
  } else {
    context.strokeStyle = color
    context.lineWidth = 3.2
    context.lineCap = 'round'
    context.lineJoin = 'round'
    context.stroke(path)
  }
  context.restore()
}

/** `solid`: its code ran here. `hatched`: nothing ran, it waited. `ringed`: its result was taken from the cache. `barred`: taken again after a crash. `cornered`: attempts before it did not end well. */
export type Texture = 'solid' | 'hatched' | 'ringed' | 'barred' | 'cornered'

export function textureOf(kind: 'run' | 'wait' | 'mark', tone: Tone): Texture {
  if (kind === 'wait') return 'hatched'
  switch (tone) {
    case 'replayed':
      return 'barred'
    case 'cached':
      return 'ringed'
    case 'retried':
      return 'cornered'
    default:
      return 'solid'
  }
}

const TILE = 6
const patterns = new Map<string, CanvasPattern>()

/** Stripes in the colour, over a weak ground of it. */
function stripes(
  { context, ratio }: Pick<Frame, 'context' | 'ratio'>,
  color: string,
  texture: 'hatched' | 'barred',
): CanvasPattern | string {
  const key = `${texture} ${color} ${ratio}`
  const known = patterns.get(key)
  if (known !== undefined) return known
  const side = Math.round(TILE * ratio)
  const tile = document.createElement('canvas')
  tile.width = side
  tile.height = side
  const paint = tile.getContext('2d')
  if (paint === null) return color
  paint.fillStyle = color
  paint.globalAlpha = texture === 'barred' ? 0.4 : 0.16
  paint.fillRect(0, 0, side, side)
  paint.globalAlpha = texture === 'barred' ? 0.95 : 0.75
  if (texture === 'barred') paint.fillRect(0, 0, side / 2, side)
  else {
    paint.strokeStyle = color
    paint.lineWidth = 1.1 * ratio
    paint.beginPath()
    for (const shift of [-side, 0, side]) {
      paint.moveTo(shift, side)
      paint.lineTo(shift + side, 0)
    }
    paint.stroke()
  }
  const pattern = context.createPattern(tile, 'repeat')
  if (pattern === null) return color
  pattern.setTransform(new DOMMatrix().scale(1 / ratio))
  if (patterns.size > 200) patterns.clear()
  patterns.set(key, pattern)
  return pattern
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Narrower than this only the colour is seen. */
const TEXTURE_FROM_PX = 4
const ROUND_FROM_PX = 5

export function paintBox(frame: Frame, box: Box, tone: Tone, texture: Texture): void {
  const { context, palette } = frame
  const color = palette.tone[tone]
  const { x, y, width, height } = box
  if (width < TEXTURE_FROM_PX || height < TEXTURE_FROM_PX) {
    context.globalAlpha = texture === 'hatched' ? 0.45 : isFull(texture) ? 1 : 0.75
    context.fillStyle = color
    context.fillRect(x, y, width, height)
    context.globalAlpha = 1
    return
  }
  const radius = width < ROUND_FROM_PX || height < 8 ? 0 : Math.min(3.5, height / 4)
  if (texture === 'ringed') {
    context.fillStyle = color
    context.globalAlpha = 0.22
    fillRound(context, box, radius)
    context.globalAlpha = 1
    context.strokeStyle = color
    context.lineWidth = 1.5
    context.beginPath()
    context.roundRect(x + 0.75, y + 0.75, width - 1.5, height - 1.5, radius)
    context.stroke()
    return
  }
  if (texture === 'cornered') {
    context.fillStyle = color
    fillRound(context, box, radius)
    return paintCorner(frame, box)
  }
  context.fillStyle = texture === 'solid' ? color : stripes(frame, color, texture)
  fillRound(context, box, radius)
}

const CORNER_MAX_PX = 8

/** What came before shows at the beginning. */
function paintCorner({ context, palette }: Frame, { x, y, width, height }: Box): void {
  const side = Math.min(CORNER_MAX_PX, width * 0.5, height * 0.5)
  context.fillStyle = palette.tone.failed
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x + side, y)
  context.lineTo(x, y + side)
  context.closePath()
  context.fill()
}

function fillRound(context: CanvasRenderingContext2D, { x, y, width, height }: Box, radius: number): void {
  if (radius === 0) return context.fillRect(x, y, width, height)
  context.beginPath()
  context.roundRect(x, y, width, height, radius)
  context.fill()
}

/** What can be read on a box of this look. */
export function inkOn(palette: Palette, tone: Tone, texture: Texture): string {
  if (!isFull(texture)) return palette.ink
  return palette.isDark ? '#0b0b10' : '#ffffff'
}

/** The sign of a tone on such a box. */
export function signInkOn(palette: Palette, tone: Tone, texture: Texture): string {
  return isFull(texture) ? inkOn(palette, tone, texture) : palette.toneText[tone]
}

function isFull(texture: Texture): boolean {
  return texture === 'solid' || texture === 'cornered'
}

export function paintRing(context: CanvasRenderingContext2D, palette: Palette, { x, y, width, height }: Box): void {
  context.strokeStyle = palette.surface
  context.lineWidth = 4
  context.beginPath()
  context.roundRect(x - 2, y - 2, width + 4, height + 4, 5)
  context.stroke()
  context.strokeStyle = palette.accent
  context.lineWidth = 2
  context.beginPath()
  context.roundRect(x - 2, y - 2, width + 4, height + 4, 5)
  context.stroke()
}
