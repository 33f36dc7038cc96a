interface Ended {
  readonly id: string
  readonly state_type: string
  readonly state_message: string | null
  readonly state_timestamp: string
}

/** Task runs that a run failed with: those that said what the run says, else those that failed, the last one first. */
export function culprits<Task extends Ended>(tasks: readonly Task[], message: string): readonly Task[] {
  const failed = tasks
    .filter(({ state_type: type }) => type === 'FAILED' || type === 'CRASHED')
    .toSorted((one, other) => Date.parse(other.state_timestamp) - Date.parse(one.state_timestamp))
  const same = failed.filter((task) => task.state_message !== null && task.state_message !== '' && message.includes(task.state_message))
  return same.length > 0 ? same : failed
}
