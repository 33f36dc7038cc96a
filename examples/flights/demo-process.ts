// One process of the demo: it runs the flow, or resumes it. `demo.ts` calls `runHere` in its own process; for `--crash` it starts this
// file twice as a child, because a process that kills itself cannot tell the rest of the story.
import { connect } from 'tutti'
import type { z } from 'zod'
import { flights } from './flow.ts'
import type { FlightsParameters, FlightsReport } from './flow.ts'

export interface DemoTask {
  /** Where the run is recorded. */
  readonly home: string
  readonly parameters: z.input<typeof FlightsParameters>
  /** The run to continue, or `null` for a new one. */
  readonly resume: string | null
  /** The process kills itself when so many months are loaded; `null`: never. */
  readonly killAfterLoads: number | null
}

export interface DemoOutcome {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly message: string | null
  readonly report: FlightsReport | null
  /** Names of the task runs whose stored result was used instead of a call. */
  readonly skipped: readonly string[]
  readonly retries: number
}

/** Runs the flow to its end and tells what it sees on the way, a line at a time. */
export async function runHere({ home, parameters, resume, killAfterLoads }: DemoTask, say: (line: string) => void): Promise<DemoOutcome> {
  const tutti = await connect({ home, print: false })
  const skipped: string[] = []
  let retries = 0
  let loads = 0
  let name = ''

  tutti.observe({
    flowRun(event) {
      name = event.name
      if (event.state.type === 'running')
        say(event.replaying === 0 ? `run ${name} begins` : `run ${name} goes on, attempt ${event.attempt}`)
    },
    taskRun(event) {
      if (event.replayed) skipped.push(event.name)
      if (event.state.name === 'AwaitingRetry') {
        retries += 1
        say(`${event.name}: ${event.state.message ?? 'failed'}; trying again soon`)
      }
      if (event.state.type === 'completed' && !event.replayed && event.taskName === 'load-month') {
        loads += 1
        if (loads === killAfterLoads) process.kill(process.pid, 'SIGKILL')
      }
    },
    log: (record) => say(record.message),
  })

  try {
    const future = resume === null ? flights(parameters) : flights.resume(resume)
    const state = await future.state()
    const report = state.isCompleted ? (state.result ?? null) : null
    return { id: future.id ?? '', name, state: state.name, message: state.message, report, skipped, retries }
  } finally {
    await tutti.close()
  }
}

if (import.meta.main) {
  // Given by demo.ts and by nobody else.
  const task = JSON.parse(process.argv[2] ?? '') as DemoTask
  const outcome = await runHere(task, (line) => process.send?.({ line }))
  process.send?.({ outcome })
  process.disconnect?.()
}
