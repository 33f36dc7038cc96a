import type { EventOperations } from '../core/event-operations.ts'
import { withReport } from '../core/told-task-run.ts'
import type { TaskRunReport } from '../core/told-task-run.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { writeAndTell } from './telling.ts'

export function eventOperations(deps: Deps): EventOperations {
  const { events, eventLists } = deps.store.tables
  return {
    append: (all) =>
      writeAndTell(
        deps,
        function* (told) {
          for (const { event, report } of all) {
            if (!(yield* events.append(event))) continue
            told.push({ type: 'event', event })
            if (report !== null) yield* record(deps, told, report)
          }
        },
        { repeatable: true },
      ),
    list: (filter, limit, after) => deps.store.read(() => eventLists.page(filter, limit, after)),
    count: (filter) => deps.store.read(() => eventLists.count(filter)),
    counted: (filter, by, limit) => deps.store.read(() => eventLists.counted(filter, by, limit)),
  }
}

/** A task run whose client orchestrates it: its row is made of what was told, whatever else is there or not. */
function* record({ store }: Deps, told: Told[], report: TaskRunReport): Script<void> {
  const { taskRuns } = store.tables
  const { id, flowRunId, taskKey, dynamicKey } = report
  // The call may have a row under another id: that one stays.
  const ofCall = flowRunId === null ? undefined : yield* taskRuns.byCall(flowRunId, taskKey, dynamicKey)
  const known = ofCall ?? (yield* taskRuns.get(id))
  const run = withReport(known, report)
  if (run === undefined) return
  if (known === undefined) yield* taskRuns.insertTold(run)
  else yield* taskRuns.saveTold(run)
  told.push({ type: 'task-run', run })
}
