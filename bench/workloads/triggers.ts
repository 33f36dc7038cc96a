import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createClient } from 'tutti/client'
import { deployToPool, startServing, startWorker } from '../deployed/deployed.ts'
import type { Runner } from '../deployed/deployed.ts'
import { overEachStore } from '../each-store.ts'
import { percentile, round } from '../statistics.ts'
import type { BenchContext, Workload } from '../workload.ts'

const TRIGGERS = 100
/** Between two triggers nothing is to be done. */
const IDLE_MS = 50
const WITHIN_MS = 60_000

interface Way {
  readonly name: string
  start(url: string, home: string): Promise<Runner>
  /** The deployment that is triggered. */
  deployment(client: ReturnType<typeof createClient>): Promise<string>
}

const pooled: Way['deployment'] = async (client) => (await deployToPool(client)).firstLine

const WAYS: readonly Way[] = [
  {
    name: 'serve',
    start: startServing,
    deployment: async (client) => (await client.deployments.readByName({ flow_name: 'first-line', deployment_name: 'served' })).id,
  },
  { name: 'warm worker', start: (url, home) => startWorker(url, home, ['--warm', '2']), deployment: pooled },
  { name: 'cold worker', start: (url, home) => startWorker(url, home, ['--warm', '0']), deployment: pooled },
]

/** W4: from the request that makes a run to the first line of the flow, one run at a time on an idle system. */
export const triggers: Workload = {
  name: 'W4',
  about: `${TRIGGERS} single triggers: from the request to the first line of the flow, by serve() and by process workers`,
  measure: (context) =>
    overEachStore('W4', context, ({ label, serve }) =>
      serve(async ({ url }) => {
        for (const way of WAYS) await measureWay(way, url, label, context)
      }),
    ),
}

async function measureWay(way: Way, url: string, label: string, { folder, tell }: BenchContext): Promise<void> {
  const home = path.join(folder, `W4-${label}-${way.name}`)
  mkdirSync(home, { mode: 0o700 })
  const client = createClient({ url })
  const runner = await way.start(url, home)
  try {
    const id = await way.deployment(client)
    const latenciesUs: number[] = []
    // The first one finds nothing compiled and no code loaded.
    for (let trigger = 0; trigger <= TRIGGERS; trigger++) {
      await sleep(IDLE_MS)
      const notes = path.join(home, `notes-${trigger}`)
      const startedAt = performance.timeOrigin + performance.now()
      await client.deployments.createFlowRun({ id, body: { parameters: { notes } } })
      const reachedAt = await noted(notes)
      if (trigger > 0) latenciesUs.push((reachedAt - startedAt) * 1000)
    }
    tell({
      of: 'workload',
      case: `${label}: ${way.name}`,
      repeat: 1,
      n: TRIGGERS,
      p50_us: round(percentile(latenciesUs, 0.5)),
      p95_us: round(percentile(latenciesUs, 0.95)),
      p99_us: round(percentile(latenciesUs, 0.99)),
    })
  } finally {
    await runner.stop()
  }
}

async function noted(file: string): Promise<number> {
  const deadline = performance.now() + WITHIN_MS
  while (performance.now() < deadline) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    if (text.endsWith('\n')) return Number(text)
    await sleep(5)
  }
  throw new Error(`the flow did not reach its first line within ${WITHIN_MS / 1000} s`)
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
