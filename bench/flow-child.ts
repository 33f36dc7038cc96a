// A process of its own for one variant of one workload. Between two repeats of the workload stands its floor, so that
// whatever else the machine does meets both.
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { connect } from 'tutti'
import type { Tutti } from 'tutti'
import type { FlowWorkload, Variant } from './flow-workload.ts'
import { measureFloor, pragmas } from './floor.ts'
import type { Floor } from './floor.ts'
import type { Durability, Sample } from './measurement.ts'
import { percentile, round } from './statistics.ts'
import { flowWorkloads } from './workloads/flow-workloads.ts'

/** Rows in one flush of the journal. */
const FLUSH_ROWS = 500

const [name, variantIndex, durability, repeats, folder] = process.argv.slice(2) as [string, string, Durability, string, string] // flow-workload-runs.ts starts this
const workload = flowWorkloads.find((candidate) => candidate.name === name)
const variant = workload?.variants[Number(variantIndex)]
if (workload === undefined || variant === undefined) throw new Error(`there is no variant ${variantIndex} of ${name}`)

for (let repeat = 0; repeat <= Number(repeats); repeat++) await measure(workload, variant, repeat)

async function measure(workload: FlowWorkload, variant: Variant, repeat: number): Promise<void> {
  await warmUp(variant)
  const home = path.join(folder, `repeat-${repeat}`)
  mkdirSync(home)
  const tutti = await connect({ home, print: false })
  await checkSettings(tutti)
  const { totalMs, latenciesUs } = await variant.run(tutti)
  const rss = process.memoryUsage.rss()
  await tutti.close()
  tell({ of: 'workload', ...sample(variant, repeat, totalMs, latenciesUs), rss_mb: round(rss / 2 ** 20) })

  const floor = floorOf(workload, home)
  if (floor.taskRuns !== variant.taskRuns) throw new Error(`${name} wrote ${floor.taskRuns} task runs instead of ${variant.taskRuns}`)
  const workMs = timeWork(variant)
  tell({
    of: 'floor',
    ...sample(variant, repeat, floor.totalMs + workMs, workload.sequential && workMs === 0 ? floor.latenciesUs : undefined),
  })
  rmSync(home, { recursive: true, force: true })
}

/**
 * The same workload once in a home that is thrown away: what the floor of the repeat before has left in memory is collected, and the heap
 * has the size of a process that is at work. (Forcing a collection instead gives the heap back, and the workload pays for each page of it.)
 */
async function warmUp(variant: Variant): Promise<void> {
  const home = path.join(folder, 'warm-up')
  mkdirSync(home)
  const tutti = await connect({ home, print: false })
  await variant.run(tutti)
  await tutti.close()
  rmSync(home, { recursive: true, force: true })
}

/** A floor at other settings than the workload's would be no floor. */
async function checkSettings(tutti: Tutti): Promise<void> {
  const { settings } = await tutti.orchestrator.maintenance.info()
  for (const [pragma, value] of Object.entries(pragmas(durability))) {
    const actual = settings[pragma] ?? value
    if (actual.toUpperCase() !== value) throw new Error(`the store has ${pragma} = ${actual}, the floor ${value}`)
  }
}

function floorOf(workload: FlowWorkload, home: string): Floor {
  return measureFloor({
    from: path.join(home, 'tutti.db'),
    into: path.join(home, 'floor.db'),
    durability,
    rowsPerTransaction: workload.sequential ? 1 : FLUSH_ROWS,
  })
}

function timeWork(variant: Variant): number {
  if (variant.work === undefined) return 0
  const startedAt = performance.now()
  variant.work()
  return performance.now() - startedAt
}

function sample(variant: Variant, repeat: number, totalMs: number, latenciesUs: readonly number[] | undefined): Omit<Sample, 'of'> {
  return {
    ...(variant.case === undefined ? {} : { case: variant.case }),
    durability,
    repeat,
    n: variant.n,
    total_ms: round(totalMs, 2),
    per_second: round((variant.n / totalMs) * 1000, 0),
    ...(latenciesUs === undefined ? {} : { p50_us: round(percentile(latenciesUs, 0.5)), p99_us: round(percentile(latenciesUs, 0.99)) }),
  }
}

function tell(sample: Sample): void {
  process.send?.(sample)
}
