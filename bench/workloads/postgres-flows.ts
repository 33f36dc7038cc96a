import { chmodSync, globSync } from 'node:fs'
import path from 'node:path'
import { measureConnected } from '../measure-connected.ts'
import { startPostgres } from '../soak/postgres.ts'
import type { Workload } from '../workload.ts'
import { fanOut } from './fan-out.ts'
import { flowRuns } from './flow-runs.ts'
import { sequential } from './sequential.ts'

/** W10: what runs in W1, W2 and W3, with PostgreSQL on the same machine; commits are synced to the disk. */
export const postgresFlows: Workload = {
  name: 'W10',
  about: 'W1, W2 and W3 over PostgreSQL: TUTTI_BENCH_POSTGRES_URL, or a server of its own on the same machine',
  async measure(context) {
    const given = process.env['TUTTI_BENCH_POSTGRES_URL']
    if (given !== undefined) return measureConnected([sequential, fanOut, flowRuns], { place: 'database', url: given }, context)
    if (globSync('/usr/lib/postgresql/*/bin/initdb').length === 0) return
    // Started by root, the server runs as a user of its own, who has to get there.
    chmodSync(context.folder, 0o711)
    const server = await startPostgres(path.join(context.folder, 'postgres'))
    try {
      await measureConnected([sequential, fanOut, flowRuns], { place: 'database', url: server.url }, context)
    } finally {
      await server.stop()
    }
  },
}
