// A process of its own for one flow of 100,000 tasks: the whole of it, or up to a crash, or from that crash to its end.
import { rmSync } from 'node:fs'
import path from 'node:path'
import { connect, flow, task } from 'tutti'
import type { Tutti } from 'tutti'
import { measureFloor } from './floor.ts'
import { round } from './statistics.ts'

export const LARGE_N = 100_000
export const LARGE_CRASH_AT = 90_000

export type LargeFlowPart = 'whole' | 'crash' | 'resume'

/** What one part tells when it ends well. */
export interface LargeFlowResult {
  readonly totalMs: number
  readonly heapMb: number
  readonly rssMb: number
  /** From the call to the first task that ran. */
  readonly firstTaskMs: number
  readonly floorMs?: number
}

const ROWS_PER_FLUSH = 500
const HEAP_LOOK_MS = 20

let ran = 0
let firstRanAt = 0
let killAt = Number.POSITIVE_INFINITY
const noop = task({ name: 'noop' }, async (index: number) => {
  ran += 1
  if (ran === 1) firstRanAt = performance.now()
  if (ran === killAt) process.kill(process.pid, 'SIGKILL')
  return index
})

const large = flow({ name: 'large' }, async () => {
  await Promise.all(Array.from({ length: LARGE_N }, (_, index) => noop(index)))
})

if (import.meta.main) {
  const [part, home] = process.argv.slice(2) as [LargeFlowPart, string] // large-flow.ts starts this
  process.send?.(await measure(part, home))
}

async function measure(part: LargeFlowPart, home: string): Promise<LargeFlowResult> {
  const tutti = await connect({ home, print: false })
  if (part === 'crash') killAt = LARGE_CRASH_AT
  const crashed = part === 'resume' ? await crashedRun(tutti) : undefined
  const kept = crashed === undefined ? 0 : ((await tutti.orchestrator.taskRuns.countByState(crashed)).completed ?? 0)
  const heap = watchHeap()
  const startedAt = performance.now()
  await (crashed === undefined ? tutti.run(large) : tutti.resume(large, crashed))
  const totalMs = performance.now() - startedAt
  const result = { totalMs, heapMb: heap.peakMb(), rssMb: round(process.memoryUsage.rss() / 2 ** 20), firstTaskMs: firstRanAt - startedAt }
  await tutti.close()

  if (ran !== LARGE_N - kept) throw new Error(`${ran} tasks ran, although ${kept} of ${LARGE_N} had results already`)
  return part === 'whole' ? { ...result, floorMs: floorOf(home) } : result
}

async function crashedRun(tutti: Tutti): Promise<string> {
  const { items } = await tutti.orchestrator.flowRuns.list({ limit: 1 })
  const run = items[0]
  if (run?.state.type !== 'crashed') throw new Error(`the flow run is ${run?.state.type ?? 'missing'} instead of crashed`)
  return run.id
}

function floorOf(home: string): number {
  const into = path.join(home, 'floor.db')
  const { totalMs, taskRuns } = measureFloor({
    from: path.join(home, 'tutti.db'),
    into,
    durability: 'normal',
    rowsPerTransaction: ROWS_PER_FLUSH,
  })
  rmSync(into)
  if (taskRuns !== LARGE_N) throw new Error(`${taskRuns} task runs were written instead of ${LARGE_N}`)
  return totalMs
}

/** The most that was in use at any look, garbage included. */
function watchHeap(): { peakMb(): number } {
  let peak = 0
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage().heapUsed)
  }
  const timer = setInterval(look, HEAP_LOOK_MS)
  return {
    peakMb() {
      clearInterval(timer)
      look()
      return round(peak / 2 ** 20)
    },
  }
}
