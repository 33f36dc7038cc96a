import type { FlowRun } from '../../queries/values.ts'
import type { Task } from './segments.ts'

/** What every view of the task runs of a flow run is given. */
export interface ViewProps {
  readonly run: FlowRun
  /** In the order of their beginnings. */
  readonly tasks: readonly Task[]
  readonly byId: ReadonlyMap<string, Task>
  readonly selected: string | null
  readonly onSelect: (id: string | null) => void
  /** Keys of what stands otherwise than it would by itself: opened or closed. */
  readonly toggled: ReadonlySet<string>
  readonly onToggle: (key: string) => void
  /** Task runs of a sub-flow that was opened. */
  readonly childrenOf: (flowRunId: string) => readonly Task[] | undefined
}
