import { readFileSync } from 'node:fs'

/** What the processes of a soak noted. */
export interface NotedTasks {
  readonly starts: number
  readonly acknowledged: number
  /** Starts of a function after its result had been acknowledged: there must be none. */
  readonly startedAfterAck: number
}

/** Reads a process's notes in the order in which they were made. */
export function readNotes(path: string): NotedTasks {
  const acknowledged = new Set<string>()
  let starts = 0
  let startedAfterAck = 0
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [what, flowRunId, index] = line.split(' ')
    if (flowRunId === undefined || index === undefined) continue
    const call = `${flowRunId} ${index}`
    if (what === 'ack') acknowledged.add(call)
    else {
      starts += 1
      if (acknowledged.has(call)) startedAfterAck += 1
    }
  }
  return { starts, acknowledged: acknowledged.size, startedAfterAck }
}
