// What is drawn of a graph, and from where it is looked at.
import type { GraphLayout, NodeIndex } from './graph-layout.ts'
import type { Task } from './segments.ts'

/** Where the picture stands: pixels of the page = pixels of the layout × scale + shift. */
export interface Camera {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export interface GraphScene {
  readonly layout: GraphLayout
  readonly index: NodeIndex
  readonly camera: Camera
  readonly taskOf: (id: string) => Task | undefined
  readonly selected: string | null
  readonly related: ReadonlySet<string>
  /** Key of a node. */
  readonly hovered: string | null
}

/** The part of the layout that is in sight. */
export interface View {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Names are written from this scale on. */
export const LABELS_FROM = 0.42
