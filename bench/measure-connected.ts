import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { runChild } from './child.ts'
import type { FlowWorkload } from './flow-workload.ts'
import type { Sample } from './measurement.ts'
import type { BenchContext } from './workload.ts'

const TIMEOUT_MS = 300_000

export interface Connection {
  readonly place: 'database' | 'server'
  readonly url: string
  /** Put before the names of the cases. */
  readonly label?: string
}

/** Each variant in a process of its own, over a database or a server that is already there. */
export async function measureConnected(
  workloads: readonly FlowWorkload[],
  { place, url, label }: Connection,
  context: BenchContext,
): Promise<void> {
  for (const { name, variants } of workloads) {
    for (const index of variants.keys()) {
      const folder = path.join(context.folder, `${label ?? place}-${name}-${index}`)
      mkdirSync(folder)
      const { code, signal } = await runChild({
        file: 'connected-child.ts',
        args: [name, String(index), String(context.repeats), folder, place, url],
        timeoutMs: TIMEOUT_MS,
        onMessage(message) {
          const sample = message as Sample // connected-child.ts sends nothing else
          context.tell(label === undefined ? sample : { ...sample, case: `${label}: ${sample.case ?? name}` })
        },
      })
      if (code !== 0) throw new Error(`${name} over ${url} ended with ${signal ?? `exit code ${code}`}`)
    }
  }
}
