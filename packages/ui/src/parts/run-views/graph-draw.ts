// Draws a graph: only what is in sight, edges under nodes.
import type { Frame } from './canvas.ts'
import { drawEdges } from './graph-edges.ts'
import type { GraphNode } from './graph-layout.ts'
import { drawBlocks, drawFrame, drawNode, drawPlain, toneOfNode, worstOf } from './graph-nodes.ts'
import { LABELS_FROM } from './graph-scene.ts'
import type { GraphScene, View } from './graph-scene.ts'
import { paintRing } from './paint.ts'

/** More than these are drawn without round corners, and without the sign of what ended well. */
const CARDS_MAX = 200
/** Above so much of the layout in sight, going through all of it is faster than finding. */
const ALL_FROM = 0.5

export function drawGraph(frame: Frame, scene: GraphScene): void {
  const { context, width, height, palette, ratio } = frame
  const { layout, camera } = scene
  const view = { x: -camera.x / camera.scale, y: -camera.y / camera.scale, width: width / camera.scale, height: height / camera.scale }
  context.setTransform(ratio * camera.scale, 0, 0, ratio * camera.scale, ratio * camera.x, ratio * camera.y)
  context.textBaseline = 'middle'
  for (const index of scene.index.frames) if (touches(layout.nodes[index]!, view)) drawFrame(frame, scene, layout.nodes[index]!)
  drawEdges(frame, scene, view)
  const inSight = nodesInSight(scene, view)
  if (camera.scale < LABELS_FROM) drawBlocks(frame, scene, inSight)
  else if (inSight.length > CARDS_MAX) drawPlain(frame, scene, inSight)
  else for (const node of inSight) drawNode(frame, scene, node)
  const chosen = scene.selected === null ? undefined : layout.nodes[layout.nodeOf.get(scene.selected) ?? -1]
  if (chosen !== undefined) {
    context.save()
    if (camera.scale < LABELS_FROM) {
      // It has to be seen however small it is.
      context.strokeStyle = palette.accent
      context.lineWidth = 3 / camera.scale
      context.strokeRect(
        chosen.x - 4 / camera.scale,
        chosen.y - 4 / camera.scale,
        chosen.width + 8 / camera.scale,
        chosen.height + 8 / camera.scale,
      )
    } else paintRing(context, palette, chosen)
    context.restore()
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
}

function touches(node: View, view: View): boolean {
  return node.x < view.x + view.width && node.x + node.width > view.x && node.y < view.y + view.height && node.y + node.height > view.y
}

function nodesInSight({ layout, index }: GraphScene, view: View): readonly GraphNode[] {
  const { nodes, width, height } = layout
  const share = (Math.min(view.width, width) * Math.min(view.height, height)) / Math.max(1, width * height)
  if (share > ALL_FROM) return nodes.filter((node) => node.kind !== 'frame' && touches(node, view))
  return [...index.within(view.x, view.y, view.width, view.height)].map((each) => nodes[each]!).filter((node) => touches(node, view))
}

/** All of it, small: painted once for as long as nothing changes. */
export function paintGraphMap(canvas: HTMLCanvasElement, frame: Frame, scene: GraphScene, box: { width: number; height: number }): void {
  const { palette, ratio } = frame
  canvas.width = Math.round(box.width * ratio)
  canvas.height = Math.round(box.height * ratio)
  const context = canvas.getContext('2d')
  if (context === null) return
  const { nodes, width, height } = scene.layout
  const scale = Math.min(canvas.width / width, canvas.height / height)
  for (const node of nodes) {
    const tone = node.kind === 'stack' ? worstOf(scene, node) : toneOfNode(scene, node)
    context.fillStyle = node.kind === 'frame' ? palette.line : palette.tone[tone]
    context.fillRect(node.x * scale, node.y * scale, Math.max(1, node.width * scale), Math.max(1, node.height * scale))
  }
}
