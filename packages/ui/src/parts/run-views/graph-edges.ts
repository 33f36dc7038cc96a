// Draws what depends on what.
import type { Frame } from './canvas.ts'
import type { GraphEdge, GraphNode } from './graph-layout.ts'
import { LABELS_FROM } from './graph-scene.ts'
import type { GraphScene, View } from './graph-scene.ts'

const CURVES_FROM = 0.3
const CURVES_MAX = 1_500

export function drawEdges(frame: Frame, scene: GraphScene, view: View): void {
  const { context, palette } = frame
  const { layout, camera, related } = scene
  const isDimmed = related.size > 0
  const groups: Record<GraphEdge['kind'], [GraphNode, GraphNode][]> = { data: [], call: [], order: [] }
  let count = 0
  for (const { from, to, kind } of layout.edges) {
    const a = layout.nodes[from]!
    const b = layout.nodes[to]!
    const top = Math.min(a.y, b.y)
    const bottom = Math.max(a.y + a.height, b.y + b.height)
    if (a.x > view.x + view.width || b.x + b.width < view.x || top > view.y + view.height || bottom < view.y) continue
    groups[kind].push([a, b])
    count += 1
  }
  const isCurved = camera.scale >= CURVES_FROM && count <= CURVES_MAX
  const hair = Math.max(1.4, 1 / camera.scale)
  context.globalAlpha = isDimmed ? 0.35 : count > CURVES_MAX ? 0.4 : 1
  for (const [kind, pairs] of Object.entries(groups)) {
    if (pairs.length === 0) continue
    context.strokeStyle = kind === 'order' ? palette.lineStrong : palette.ink3
    context.lineWidth = hair
    context.setLineDash(kind === 'order' && isCurved ? [4, 4] : kind === 'call' && isCurved ? [1, 3] : [])
    context.beginPath()
    for (const [a, b] of pairs) line(context, a, b, isCurved)
    context.stroke()
  }
  context.setLineDash([])
  context.globalAlpha = 1
  if (camera.scale >= LABELS_FROM && isCurved) {
    context.fillStyle = palette.ink3
    for (const pairs of [groups.data, groups.call]) for (const [, b] of pairs) arrow(context, b.x, b.y + b.height / 2)
    context.fillStyle = palette.lineStrong
    for (const [, b] of groups.order) arrow(context, b.x, b.y + b.height / 2)
  }
  if (isDimmed) drawRelated(frame, scene, hair)
}

const RELATED_MAX = 2_000

/** What the selected one depends on and what depends on it, also in and out of opened stacks. */
function drawRelated({ context, palette }: Frame, { layout, related, taskOf }: GraphScene, hair: number): void {
  context.strokeStyle = palette.accent
  context.lineWidth = hair * 1.4
  context.beginPath()
  const drawn = new Set<string>()
  for (const id of related) {
    const row = taskOf(id)?.row
    const to = layout.nodeOf.get(id)
    if (row === undefined || to === undefined) continue
    for (const cause of row.parent_task_run_id === null ? row.upstream : [...row.upstream, row.parent_task_run_id]) {
      const from = related.has(cause) ? layout.nodeOf.get(cause) : undefined
      const key = `${from} ${to}`
      if (from === undefined || from === to || drawn.has(key)) continue
      if (drawn.size >= RELATED_MAX) break
      drawn.add(key)
      line(context, layout.nodes[from]!, layout.nodes[to]!, true)
    }
  }
  context.stroke()
}

function line(context: CanvasRenderingContext2D, a: GraphNode, b: GraphNode, isCurved: boolean): void {
  const fromX = a.x + a.width
  const fromY = a.y + a.height / 2
  const toX = b.x
  const toY = b.y + b.height / 2
  context.moveTo(fromX, fromY)
  if (!isCurved) return context.lineTo(toX, toY)
  const bend = Math.max(24, Math.min(Math.abs(toX - fromX) * 0.5, 140))
  context.bezierCurveTo(fromX + bend, fromY, toX - bend, toY, toX, toY)
}

function arrow(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath()
  context.moveTo(x, y)
  context.lineTo(x - 7, y - 4)
  context.lineTo(x - 7, y + 4)
  context.fill()
}
