import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { runChild } from './child.ts'
import type { FlowWorkload } from './flow-workload.ts'
import type { Durability, Sample } from './measurement.ts'
import type { BenchContext, Workload } from './workload.ts'

const DURABILITIES: readonly Durability[] = ['normal', 'full']
const TIMEOUT_MS = 120_000

/** Each variant at each durability in a process of its own. */
export function flowsWorkload(workload: FlowWorkload): Workload {
  return {
    name: workload.name,
    about: workload.about,
    async measure(context) {
      for (const durability of DURABILITIES) {
        for (const index of workload.variants.keys()) await measureVariant(workload.name, index, durability, context)
      }
    },
  }
}

async function measureVariant(name: string, index: number, durability: Durability, context: BenchContext): Promise<void> {
  const folder = path.join(context.folder, `${name}-${index}-${durability}`)
  mkdirSync(folder)
  const { code, signal } = await runChild({
    file: 'flow-child.ts',
    args: [name, String(index), durability, String(context.repeats), folder],
    durability,
    timeoutMs: TIMEOUT_MS,
    onMessage: (message) => context.tell(message as Sample), // flow-child.ts sends nothing else
  })
  if (code !== 0) throw new Error(`${name} at durability ${durability} ended with ${signal ?? `exit code ${code}`}`)
}
