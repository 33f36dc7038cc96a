// Draws task runs and stacks of them; the less of each the smaller it is.
import { duration, number } from '../../format.ts'
import type { Tone } from '../../states.ts'
import { cutText, textWidth } from './canvas.ts'
import type { Frame } from './canvas.ts'
import { FRAME_HEAD_PX } from './graph-layout.ts'
import type { GraphNode } from './graph-layout.ts'
import type { GraphScene } from './graph-scene.ts'
import { paintSign } from './paint.ts'
import { tookMs } from './segments.ts'

const DETAILS_FROM = 0.7

export function toneOfNode(scene: GraphScene, { ids }: GraphNode): Tone {
  return scene.taskOf(ids[0]!)?.tone ?? 'pending'
}

function isFaint({ related }: GraphScene, { ids }: GraphNode): boolean {
  return related.size > 0 && !ids.some((id) => related.has(id))
}

/** Too small for words: colours, one tone after the other. */
export function drawBlocks({ context, palette }: Frame, scene: GraphScene, nodes: readonly GraphNode[]): void {
  const byTone = Map.groupBy(nodes, (node) => (node.kind === 'stack' ? worstOf(scene, node) : toneOfNode(scene, node)))
  for (const [tone, inside] of byTone) {
    context.fillStyle = palette.tone[tone]
    for (const node of inside) {
      context.globalAlpha = isFaint(scene, node) ? 0.2 : 0.9
      context.fillRect(node.x, node.y, node.width, node.height)
    }
  }
  context.globalAlpha = 1
}

/** Hundreds with their names: rectangles of one colour after those of another, which is what a canvas is fast at. */
export function drawPlain(frame: Frame, scene: GraphScene, nodes: readonly GraphNode[]): void {
  const { context, palette } = frame
  const cells = nodes.filter(({ kind }) => kind === 'cell')
  context.fillStyle = palette.lineStrong
  for (const { x, y, width, height } of cells) context.fillRect(x, y, width, height)
  context.fillStyle = palette.surface
  for (const { x, y, width, height } of cells) context.fillRect(x + 1, y + 1, width - 2, height - 2)
  for (const [tone, inside] of Map.groupBy(cells, (node) => toneOfNode(scene, node))) {
    context.fillStyle = palette.tone[tone]
    for (const { x, y, height } of inside) context.fillRect(x, y, 5, height)
    if (tone !== 'completed')
      for (const { x, y, height } of inside) paintSign(context, tone, x + 11, y + height / 2 - 6, 12, palette.toneText[tone])
  }
  context.font = `500 11px ${palette.font}`
  context.fillStyle = palette.ink
  for (const node of cells) {
    context.globalAlpha = isFaint(scene, node) ? 0.3 : 1
    context.fillText(cutText(context, node.title, node.width - 39), node.x + 31, node.y + node.height / 2)
  }
  context.globalAlpha = 1
  for (const node of cells) if (node.isOpen !== null) chevron(frame, node.x + node.width - 18, node.y + node.height / 2, false)
  for (const node of nodes) if (node.kind !== 'cell') drawNode(frame, scene, node)
}

export function worstOf(scene: GraphScene, node: GraphNode): Tone {
  const counts = countsOf(scene, node)
  return (['failed', 'crashed', 'retrying', 'running'] as const).find((tone) => counts.has(tone)) ?? [...counts.keys()][0] ?? 'pending'
}

const counted = new WeakMap<object, WeakMap<GraphNode, ReadonlyMap<Tone, number>>>()

/** How many stand how; counted once for all frames that show the same states. */
function countsOf({ taskOf }: GraphScene, node: GraphNode): ReadonlyMap<Tone, number> {
  let ofStates = counted.get(taskOf)
  if (ofStates === undefined) {
    ofStates = new WeakMap()
    counted.set(taskOf, ofStates)
  }
  const known = ofStates.get(node)
  if (known !== undefined) return known
  const counts = new Map<Tone, number>()
  for (const id of node.ids) {
    const tone = taskOf(id)?.tone ?? 'pending'
    counts.set(tone, (counts.get(tone) ?? 0) + 1)
  }
  ofStates.set(node, counts)
  return counts
}

export function drawNode(frame: Frame, scene: GraphScene, node: GraphNode): void {
  const { context } = frame
  context.globalAlpha = isFaint(scene, node) ? 0.3 : 1
  if (node.kind === 'stack') drawStack(frame, scene, node)
  else drawTask(frame, scene, node)
  context.globalAlpha = 1
}

function drawTask(frame: Frame, scene: GraphScene, node: GraphNode): void {
  const { context, palette, now } = frame
  const task = scene.taskOf(node.ids[0]!)
  if (task === undefined) return
  const { x, y, width, height } = node
  const { tone } = task
  const isCell = node.kind === 'cell'
  card(frame, node, scene.hovered === node.key)
  context.fillStyle = palette.tone[tone]
  context.beginPath()
  context.roundRect(x, y, isCell ? 4 : 5, height, [6, 0, 0, 6])
  context.fill()
  const sign = isCell ? 12 : 15
  const middle = y + height / 2
  paintSign(context, tone, x + 12, middle - sign / 2, sign, palette.toneText[tone])
  const left = x + 12 + sign + 7
  const openRoom = node.isOpen === null ? 0 : 20
  context.fillStyle = palette.ink
  context.font = `500 ${isCell ? 11 : 12}px ${palette.font}`
  const name = cutText(context, node.title, x + width - left - 8 - openRoom)
  const hasDetails = !isCell && scene.camera.scale >= DETAILS_FROM
  context.fillText(name, left, hasDetails ? middle - 7 : middle + 0.5)
  if (hasDetails) {
    context.fillStyle = palette.ink3
    context.font = `400 10.5px ${palette.font}`
    const attempts = task.row.run_count > 1 ? ` · ${task.row.run_count} attempts` : ''
    const detail =
      tone === 'completed' ? `${duration(tookMs(task, now))}${attempts}` : `${task.word} · ${duration(tookMs(task, now))}${attempts}`
    context.fillText(cutText(context, detail, x + width - left - 8 - openRoom), left, middle + 8)
  }
  if (node.isOpen !== null) chevron(frame, x + width - 18, middle, false)
}

function drawStack(frame: Frame, scene: GraphScene, node: GraphNode): void {
  const { context, palette } = frame
  const { x, y, width, height } = node
  for (const shift of [6, 3]) {
    context.fillStyle = palette.surface
    context.strokeStyle = palette.lineStrong
    context.lineWidth = 1
    context.beginPath()
    context.roundRect(x + shift, y + shift, width, height, 6)
    context.fill()
    context.stroke()
  }
  card(frame, node, scene.hovered === node.key)
  context.font = `600 12px ${palette.font}`
  const count = `× ${number(node.ids.length)}`
  const countWidth = textWidth(context, count)
  context.fillStyle = palette.ink
  const name = cutText(context, node.title, width - 34 - countWidth - 12)
  context.fillText(name, x + 12, y + 17)
  context.fillStyle = palette.ink3
  context.fillText(count, x + 12 + textWidth(context, name) + 6, y + 17)
  chevron(frame, x + width - 18, y + 17, false)
  shares(frame, scene, node, { x: x + 12, y: y + 31, width: width - 24 })
}

/** How many of it stand how: a strip by share, with the number of those that are not well. */
function shares(frame: Frame, scene: GraphScene, node: GraphNode, { x, y, width }: { x: number; y: number; width: number }): void {
  const { context, palette } = frame
  let left = x
  const counts = countsOf(scene, node)
  for (const [tone, count] of counts) {
    const share = (count / node.ids.length) * width
    context.fillStyle = palette.tone[tone]
    context.fillRect(left, y, Math.max(2, share), 5)
    left += share
  }
  context.font = `500 10px ${palette.font}`
  let at = x
  for (const [tone, count] of counts) {
    const text = number(count)
    const wide = textWidth(context, text) + 22
    if (at + wide > x + width + 10) return
    paintSign(context, tone, at, y + 8, 9, palette.toneText[tone])
    context.fillStyle = palette.toneText[tone]
    context.fillText(text, at + 12, y + 13)
    at += wide
  }
}

export function drawFrame(frame: Frame, scene: GraphScene, node: GraphNode): void {
  const { context, palette } = frame
  const { x, y, width, height } = node
  context.fillStyle = node.depth % 2 === 0 ? palette.sunken : palette.surface
  context.strokeStyle = scene.hovered === node.key ? palette.ink3 : palette.lineStrong
  context.lineWidth = Math.max(1, 0.6 / scene.camera.scale)
  context.beginPath()
  context.roundRect(x, y, width, height, 8)
  context.fill()
  context.stroke()
  const isStack = node.ids.length > 1
  const tone = isStack ? worstOf(scene, node) : toneOfNode(scene, node)
  // The name of a large frame can be read from afar.
  const size = Math.min(Math.max(12, 11 / scene.camera.scale), FRAME_HEAD_PX * 0.8, height * 0.5)
  const middle = y + FRAME_HEAD_PX / 2
  paintSign(context, tone, x + 10, middle - size / 2, size, palette.toneText[tone])
  context.font = `600 ${size}px ${palette.font}`
  context.fillStyle = palette.ink
  const title = isStack ? `${node.title} × ${number(node.ids.length)}` : node.title
  context.fillText(cutText(context, title, width - 50 - size), x + 16 + size, middle)
  chevron(frame, x + width - 20, middle, true)
}

function card({ context, palette }: Frame, { x, y, width, height }: GraphNode, isHovered: boolean): void {
  context.fillStyle = palette.surface
  context.strokeStyle = isHovered ? palette.ink3 : palette.lineStrong
  context.lineWidth = isHovered ? 1.5 : 1
  context.beginPath()
  context.roundRect(x, y, width, height, 6)
  context.fill()
  context.stroke()
}

function chevron({ context, palette }: Frame, x: number, y: number, isOpen: boolean): void {
  context.strokeStyle = palette.ink3
  context.lineWidth = 1.7
  context.beginPath()
  if (isOpen) {
    context.moveTo(x, y + 2)
    context.lineTo(x + 4, y - 2)
    context.lineTo(x + 8, y + 2)
  } else {
    context.moveTo(x + 2, y - 4)
    context.lineTo(x + 6, y)
    context.lineTo(x + 2, y + 4)
  }
  context.stroke()
}
