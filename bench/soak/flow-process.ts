// One of the soak's processes: it runs flows through the server, paced over the whole time, and notes every start of a task's function and
// every acknowledged result in a file that outlives whatever happens.
import { appendFileSync } from 'node:fs'
import { flow, run, task } from 'tutti'

/** What the parent gives as JSON in the first argument. */
interface Work {
  readonly process: number
  readonly flowRuns: number
  readonly tasksPerFlowRun: number
  /** Milliseconds between two tasks. */
  readonly paceMs: number
  readonly notes: string
}

const work = JSON.parse(process.argv[2] ?? '{}') as Work // written by soak.ts

const startedAt = performance.now()
let tasksBegun = 0

function note(what: 'start' | 'ack', flowRunId: string, index: number): void {
  appendFileSync(work.notes, `${what} ${flowRunId} ${index}\n`)
}

const step = task({ name: 'soak-step' }, async (index: number) => {
  note('start', run().flowRunId, index)
  return index * 2
})

/** Tasks come at their time; when the server was away they catch up. */
async function keepPace(): Promise<void> {
  const dueMs = tasksBegun++ * work.paceMs
  const waitMs = dueMs - (performance.now() - startedAt)
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
}

const soak = flow({ name: 'soak', captureConsole: false }, async ({ tasks }: { readonly tasks: number }) => {
  const { flowRunId } = run()
  let sum = 0
  for (let index = 0; index < tasks; index++) {
    await keepPace()
    sum += await step(index)
    note('ack', flowRunId, index)
  }
  return sum
})

let completed = 0
const failures: string[] = []
for (let index = 0; index < work.flowRuns; index++) {
  try {
    const sum = await soak({ tasks: work.tasksPerFlowRun })
    if (sum === work.tasksPerFlowRun * (work.tasksPerFlowRun - 1)) completed += 1
    else failures.push(`flow run ${index} returned ${sum}`)
  } catch (error) {
    failures.push(`flow run ${index}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
process.send?.({ completed, failures: failures.slice(0, 10) })
process.disconnect()
