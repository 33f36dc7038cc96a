// A canvas that is drawn when something has changed, in the colours of the page and as sharp as the screen.
import { useCallback, useEffect, useRef } from 'react'
import type { RefObject } from 'react'
import { TONES } from '../../states.ts'
import type { Tone } from '../../states.ts'

/** The colours of the page, as the canvas needs them. */
export interface Palette {
  readonly ground: string
  readonly surface: string
  readonly sunken: string
  readonly hover: string
  readonly line: string
  readonly lineStrong: string
  readonly ink: string
  readonly ink2: string
  readonly ink3: string
  readonly accent: string
  readonly accentSoft: string
  readonly font: string
  readonly mono: string
  readonly tone: Readonly<Record<Tone, string>>
  readonly toneText: Readonly<Record<Tone, string>>
  readonly isDark: boolean
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string): string => style.getPropertyValue(name).trim()
  const tones = Object.keys(TONES) as Tone[] // the keys of that record
  const of = (suffix: string) => Object.fromEntries(tones.map((tone) => [tone, read(`--state-${tone}${suffix}`)])) as Record<Tone, string> // of all tones
  return {
    ground: read('--ground'),
    surface: read('--surface'),
    sunken: read('--sunken'),
    hover: read('--hover'),
    line: read('--line'),
    lineStrong: read('--line-strong'),
    ink: read('--ink'),
    ink2: read('--ink-2'),
    ink3: read('--ink-3'),
    accent: read('--accent'),
    accentSoft: read('--accent-soft'),
    font: style.fontFamily || 'sans-serif',
    mono: '"JetBrains Mono Variable", ui-monospace, monospace',
    tone: of(''),
    toneText: of('-text'),
    isDark: document.documentElement.classList.contains('dark'),
  }
}

export interface Frame {
  readonly context: CanvasRenderingContext2D
  /** In pixels of the page. */
  readonly width: number
  readonly height: number
  /** Pixels of the screen for one of the page. */
  readonly ratio: number
  readonly palette: Palette
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Draws, and says after how many milliseconds it has to be drawn again although nothing has changed. */
export type Draw = (frame: Frame) => number | undefined

export interface Canvas {
  readonly ref: RefObject<HTMLCanvasElement | null>
  /** Something has changed: it is drawn with the next frame. */
  readonly invalidate: () => void
}

const RATIO_MAX = 3

export function useCanvas(draw: Draw): Canvas {
  const ref = useRef<HTMLCanvasElement>(null)
  const latest = useRef(draw)
  const ask = useRef<() => void>(() => undefined)
  useEffect(() => {
    latest.current = draw
    ask.current()
  })
  useEffect(() => {
    const canvas = ref.current
    const context = canvas?.getContext('2d', { alpha: true })
    if (canvas === null || context === null || context === undefined) return
    let palette = readPalette()
    let frame = 0
    let timer: ReturnType<typeof setTimeout> | undefined
    const paint = (): void => {
      frame = 0
      clearTimeout(timer)
      const { clientWidth: width, clientHeight: height } = canvas
      if (width === 0 || height === 0) return
      const ratio = Math.min(devicePixelRatio, RATIO_MAX)
      if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.width = Math.round(width * ratio)
        canvas.height = Math.round(height * ratio)
      }
      context.setTransform(ratio, 0, 0, ratio, 0, 0)
      context.clearRect(0, 0, width, height)
      const againMs = latest.current({ context, width, height, ratio, palette, now: Date.now() })
      if (againMs !== undefined) timer = setTimeout(invalidate, againMs)
    }
    const invalidate = (): void => {
      if (frame === 0) frame = requestAnimationFrame(paint)
    }
    const recolour = (): void => {
      palette = readPalette()
      forgetMeasures()
      invalidate()
    }
    ask.current = invalidate
    const resizes = new ResizeObserver(invalidate)
    resizes.observe(canvas)
    const themes = new MutationObserver(recolour)
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ['class', 'data-density', 'style'] })
    void document.fonts.ready.then(recolour)
    invalidate()
    return () => {
      ask.current = () => undefined
      resizes.disconnect()
      themes.disconnect()
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [])
  const invalidate = useCallback(() => ask.current(), [])
  return { ref, invalidate }
}

const MEASURES_MAX = 20_000
const widths = new Map<string, number>()
const cuts = new Map<string, string>()

function forgetMeasures(): void {
  widths.clear()
  cuts.clear()
}

/** In the font that is set. */
export function textWidth(context: CanvasRenderingContext2D, text: string): number {
  const key = `${context.font}\n${text}`
  const known = widths.get(key)
  if (known !== undefined) return known
  if (widths.size > MEASURES_MAX) widths.clear()
  const { width } = context.measureText(text)
  widths.set(key, width)
  return width
}

/** As much of the text as has room; nothing where not even three letters have. */
export function cutText(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (textWidth(context, text) <= room) return text
  const steps = Math.floor(room / 4) * 4
  const key = `${context.font}\n${steps}\n${text}`
  const known = cuts.get(key)
  if (known !== undefined) return known
  if (cuts.size > MEASURES_MAX) cuts.clear()
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (context.measureText(shortened(text, middle)).width <= steps) low = middle
    else high = middle - 1
  }
  const cut = low < 3 ? '' : shortened(text, low)
  cuts.set(key, cut)
  return cut
}

/** So many characters of it, from both ends: calls of one task begin alike and differ at the end. */
function shortened(text: string, kept: number): string {
  const tail = Math.floor(kept / 2)
  return `${text.slice(0, kept - tail).trimEnd()}…${text.slice(text.length - tail).trimStart()}`
}
