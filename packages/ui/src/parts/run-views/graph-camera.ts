// Where a graph is looked at from, as it stands in an address.
import type { Camera } from './graph-scene.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/** How large, and what is in the middle: so that it is the same place in a window of another size. */
export function writeCamera({ scale, x, y }: Camera, { width, height }: Size): string {
  const [middleX, middleY] = [(width / 2 - x) / scale, (height / 2 - y) / scale]
  return `${Number(scale.toFixed(3))}_${Math.round(middleX)}_${Math.round(middleY)}`
}

/** `undefined`: it names no place, and the graph is shown as it is at first. */
export function parseCamera(text: string | undefined, { width, height }: Size): Camera | undefined {
  const [scale, middleX, middleY] = (text ?? '').split('_').map(Number)
  if (scale === undefined || middleX === undefined || middleY === undefined) return undefined
  if (![scale, middleX, middleY].every(Number.isFinite) || scale < SCALE_LEAST || scale > SCALE_MOST) return undefined
  return { scale, x: width / 2 - middleX * scale, y: height / 2 - middleY * scale }
}

/** Nobody can have zoomed further. */
const SCALE_LEAST = 0.001
const SCALE_MOST = 10
