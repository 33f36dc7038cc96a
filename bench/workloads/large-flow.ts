import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runChild } from '../child.ts'
import { LARGE_CRASH_AT, LARGE_N } from '../large-flow-child.ts'
import type { LargeFlowPart, LargeFlowResult } from '../large-flow-child.ts'
import type { Sample } from '../measurement.ts'
import { round } from '../statistics.ts'
import type { BenchContext, Workload } from '../workload.ts'

const TIMEOUT_MS = 60_000
const WHOLE = 'from start to end'
const RESUME = `resumed after SIGKILL at ${LARGE_CRASH_AT.toLocaleString('en')}`

/** W7: one flow run as large as they should get, each repeat in fresh processes. */
export const largeFlow: Workload = {
  name: 'W7',
  about: 'no-op tasks of one flow run, all called at once',
  async measure(context) {
    for (let repeat = 1; repeat <= context.repeats; repeat++) {
      await measureWhole(repeat, context)
      await measureResume(repeat, context)
    }
  },
}

async function measureWhole(repeat: number, { folder, tell }: BenchContext): Promise<void> {
  const home = newHome(folder, `whole-${repeat}`)
  const result = finished(await runPart('whole', home))
  tell({ ...sample(WHOLE, repeat, result), of: 'workload' })
  if (result.floorMs !== undefined)
    tell({ of: 'floor', case: WHOLE, durability: 'normal', repeat, n: LARGE_N, total_ms: round(result.floorMs, 2) })
  rmSync(home, { recursive: true })
}

async function measureResume(repeat: number, { folder, tell }: BenchContext): Promise<void> {
  const home = newHome(folder, `resume-${repeat}`)
  const { signal } = await runPart('crash', home)
  if (signal !== 'SIGKILL') throw new Error(`the process that was to be killed at ${LARGE_CRASH_AT} tasks was not`)
  const result = finished(await runPart('resume', home))
  tell({ ...sample(RESUME, repeat, result), of: 'workload', replay_ms: round(result.firstTaskMs) })
  rmSync(home, { recursive: true })
}

function sample(name: string, repeat: number, { totalMs, heapMb, rssMb }: LargeFlowResult): Omit<Sample, 'of'> {
  return {
    case: name,
    durability: 'normal',
    repeat,
    n: LARGE_N,
    total_ms: round(totalMs, 2),
    per_second: round((LARGE_N / totalMs) * 1000, 0),
    rss_mb: rssMb,
    heap_mb: heapMb,
  }
}

interface PartEnd {
  readonly result: LargeFlowResult | undefined
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

async function runPart(part: LargeFlowPart, home: string): Promise<PartEnd> {
  let result: LargeFlowResult | undefined
  const end = await runChild({
    file: 'large-flow-child.ts',
    args: [part, home],
    durability: 'normal',
    timeoutMs: TIMEOUT_MS,
    onMessage(message) {
      result = message as LargeFlowResult // large-flow-child.ts sends nothing else
    },
  })
  return { result, ...end }
}

function finished({ result, code, signal }: PartEnd): LargeFlowResult {
  if (result === undefined || code !== 0) throw new Error(`the flow of ${LARGE_N} tasks ended with ${signal ?? `exit code ${code}`}`)
  return result
}

function newHome(folder: string, name: string): string {
  const home = path.join(folder, name)
  mkdirSync(home)
  return home
}
