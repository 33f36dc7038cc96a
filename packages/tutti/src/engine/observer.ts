import type { LogRecord } from '../core/log.ts'
import type { FlowRunEvent, RunObserver, TaskRunEvent } from '../core/observer.ts'

import { maskedState } from './masked-orchestrator.ts'
import { knowsSecrets, maskSecrets } from './secret-mask.ts'

export type { FlowRunEvent, RunObserver, TaskRunEvent }

/** Observers of one process; telling them never fails the run. */
export interface Observers {
  add(observer: RunObserver): () => void
  readonly active: boolean
  flowRun(event: FlowRunEvent): void
  taskRun(event: TaskRunEvent): void
  log(record: LogRecord): void
}

export function createObservers(): Observers {
  const list = new Set<RunObserver>()

  function tell(call: (observer: RunObserver) => void): void {
    for (const observer of list) {
      try {
        call(observer)
      } catch {
        // The run matters more than who watches it; one that fails is not asked again.
        list.delete(observer)
      }
    }
  }

  return {
    add(observer) {
      list.add(observer)
      return () => void list.delete(observer)
    },
    get active() {
      return list.size > 0
    },
    flowRun(event) {
      const told = masked(event)
      tell((observer) => observer.flowRun?.(told))
    },
    taskRun(event) {
      const told = masked(event)
      tell((observer) => observer.taskRun?.(told))
    },
    log: (record) => tell((observer) => observer.log?.(record)),
  }
}

/** Whoever watches prints and keeps what it is told. The error is the code's own. */
function masked<E extends FlowRunEvent | TaskRunEvent>(event: E): E {
  return knowsSecrets() ? { ...event, name: maskSecrets(event.name), state: maskedState(event.state) } : event
}
