// What happened to the flow run itself, and which of its task runs are wanted.
import { parseTime } from './segments.ts'
import type { Task } from './segments.ts'
import type { RunMark } from './timeline-scene.ts'

interface RunState {
  readonly type: string
  readonly name: string | null
  readonly timestamp: string
}

/** Where its attempts were cut off or ended, and where the next began. */
export function marksOf(states: readonly RunState[]): readonly RunMark[] {
  const marks: RunMark[] = []
  let attempt = 0
  let wasWaiting = false
  for (const { type, name, timestamp } of states) {
    const at = parseTime(timestamp)
    if (type === 'CRASHED') marks.push({ at, tone: 'crashed', label: 'crashed' })
    else if (type === 'SCHEDULED' && name === 'AwaitingRetry') marks.push({ at, tone: 'retrying', label: 'to be retried' })
    else if (type === 'PAUSED' || name === 'Sleeping' || name === 'AwaitingInput') wasWaiting = true
    else if (type === 'RUNNING') {
      attempt += 1
      // Going on after a pause is no other attempt.
      if (attempt > 1 && !wasWaiting) marks.push({ at, tone: 'running', label: `attempt ${attempt}` })
      if (wasWaiting) marks.push({ at, tone: 'paused', label: 'resumed' })
      wasWaiting = false
    }
  }
  return marks
}

/** By a part of the name, the key, the tags or the message, and by how they stand. */
export function filterTasks(tasks: readonly Task[], text: string, word: string | undefined): readonly Task[] {
  if (text === '' && word === undefined) return tasks
  const wanted = text.toLowerCase()
  return tasks.filter(
    ({ row, word: own }) =>
      (word === undefined || own === word) &&
      (wanted === '' ||
        row.id === wanted ||
        [row.name, row.task_key, row.state_message ?? '', row.child_flow_run_name ?? '', ...row.tags].some((each) =>
          each.toLowerCase().includes(wanted),
        )),
  )
}

/** How they stand, and how many each. */
export function wordsOf(tasks: readonly Task[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { word } of tasks) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Map([...counts].toSorted(([, a], [, b]) => b - a))
}
