import { levelName } from '../../core/log.ts'
import type { RunObserver } from '../../core/observer.ts'
import type { State } from '../../core/state.ts'
import { formatInstant } from '../../core/time.ts'

/** One JSON object per line: `type` is flow-run, task-run or log. */
export function jsonLines(write: (text: string) => void, levelMin: number): RunObserver {
  const line = (value: object): void => write(`${JSON.stringify(value)}\n`)
  return {
    flowRun: ({ id, name, flowName, parentFlowRunId, state, attempt, replaying }) =>
      line({ type: 'flow-run', id, name, flowName, parentFlowRunId, state: stateJson(state), attempt, replaying }),
    taskRun: ({ id, flowRunId, taskName, name, state, replayed, cached }) =>
      line({ type: 'task-run', id, flowRunId, taskName, name, state: stateJson(state), replayed, cached }),
    log({ flowRunId, taskRunId, logger, level, message, timestamp }) {
      if (level < levelMin) return
      line({ type: 'log', flowRunId, taskRunId, logger, level: levelName(level), message, timestamp: formatInstant(timestamp) })
    },
  }
}

function stateJson(state: State): object {
  const { type, name, message, timestamp } = state
  const shared = { type, name, message, timestamp: formatInstant(timestamp) }
  return state.type === 'scheduled' ? { ...shared, scheduledFor: formatInstant(state.scheduledFor) } : shared
}
