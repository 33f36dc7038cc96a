import { chmodSync, globSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { runChild } from '../child.ts'
import type { Sample } from '../measurement.ts'
import { startPostgres } from '../soak/postgres.ts'
import type { BenchContext, Workload } from '../workload.ts'
import { fanOut } from './fan-out.ts'
import { flowRuns } from './flow-runs.ts'
import { sequential } from './sequential.ts'

const TIMEOUT_MS = 300_000

/** W10: what runs in W1, W2 and W3, with PostgreSQL on the same machine; commits are synced to the disk. */
export const postgresFlows: Workload = {
  name: 'W10',
  about: 'W1, W2 and W3 over PostgreSQL: TUTTI_BENCH_POSTGRES_URL, or a server of its own on the same machine',
  async measure(context) {
    const given = process.env['TUTTI_BENCH_POSTGRES_URL']
    if (given !== undefined) return measureAll(given, context)
    if (globSync('/usr/lib/postgresql/*/bin/initdb').length === 0) return
    // Started by root, the server runs as a user of its own, who has to get there.
    chmodSync(context.folder, 0o711)
    const server = await startPostgres(path.join(context.folder, 'postgres'))
    try {
      await measureAll(server.url, context)
    } finally {
      await server.stop()
    }
  },
}

async function measureAll(url: string, context: BenchContext): Promise<void> {
  for (const { name, variants } of [sequential, fanOut, flowRuns]) {
    for (const index of variants.keys()) {
      const folder = path.join(context.folder, `postgres-${name}-${index}`)
      mkdirSync(folder)
      const { code, signal } = await runChild({
        file: 'postgres-child.ts',
        args: [name, String(index), String(context.repeats), folder, url],
        timeoutMs: TIMEOUT_MS,
        onMessage: (message) => context.tell(message as Sample), // postgres-child.ts sends nothing else
      })
      if (code !== 0) throw new Error(`${name} over PostgreSQL ended with ${signal ?? `exit code ${code}`}`)
    }
  }
}
