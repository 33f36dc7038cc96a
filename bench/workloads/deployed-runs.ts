import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { createClient } from 'tutti/client'
import { completed, deployToPool, startServing, startWorker } from '../deployed/deployed.ts'
import type { Runner } from '../deployed/deployed.ts'
import { overEachStore } from '../each-store.ts'
import { round } from '../statistics.ts'
import type { BenchContext, Workload } from '../workload.ts'

const WAYS = [
  { name: 'serve', n: 1_000, start: startServing },
  {
    name: 'process worker',
    n: 200,
    start: (url: string, home: string): Promise<Runner> => startWorker(url, home, ['--limit', '4', '--warm', '4']),
  },
] as const
const BULK = 100

/** W3 of deployments: flow runs of three tasks that are due at once, until the last one has Completed. */
export const deployedRuns: Workload = {
  name: 'W3',
  about: 'flow runs of three tasks through a server: by serve() in one process, and by a process worker with four processes',
  measure: (context) =>
    overEachStore('W3-deployed', context, ({ label, serve }) =>
      serve(async ({ url }) => {
        for (const way of WAYS) await measureWay(way, url, label, context)
      }),
    ),
}

async function measureWay(
  { name, n, start }: (typeof WAYS)[number],
  url: string,
  label: string,
  { folder, tell }: BenchContext,
): Promise<void> {
  const home = path.join(folder, `W3-${label}-${name}`)
  mkdirSync(home, { mode: 0o700 })
  const client = createClient({ url })
  const runner = await start(url, home)
  try {
    const id =
      name === 'serve'
        ? (await client.deployments.readByName({ flow_name: 'three-tasks', deployment_name: 'served' })).id
        : (await deployToPool(client)).threeTasks
    await make(client, id, BULK)
    await completed(client, id, BULK)
    const startedAt = performance.now()
    await make(client, id, n)
    await completed(client, id, BULK + n)
    const totalMs = performance.now() - startedAt
    tell({
      of: 'workload',
      case: `${label}: ${name}`,
      repeat: 1,
      n,
      total_ms: round(totalMs, 2),
      per_second: round((n / totalMs) * 1000, 0),
    })
  } finally {
    await runner.stop()
  }
}

async function make(client: ReturnType<typeof createClient>, id: string, n: number): Promise<void> {
  for (let made = 0; made < n; made += BULK)
    await client.deployments.createFlowRuns({ id, body: Array.from({ length: Math.min(BULK, n - made) }, () => ({})) })
}
