import { chmodSync, globSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { ensureBuilt } from '../build.ts'
import { measureConnected } from '../measure-connected.ts'
import { freePort, ServerProcess } from '../server-process.ts'
import { startPostgres } from '../soak/postgres.ts'
import type { BenchContext, Workload } from '../workload.ts'
import { flowWorkloads } from './flow-workloads.ts'

/** W11: what runs in W1, W2, W3 and W5, through a server on the same machine, which has SQLite or PostgreSQL. */
export const serverFlows: Workload = {
  name: 'W11',
  about: 'W1, W2, W3 and W5 over HTTP: a server on the same machine, over SQLite and over PostgreSQL',
  async measure(context) {
    await ensureBuilt()
    await measureServer('SQLite', {}, context)
    const given = process.env['TUTTI_BENCH_POSTGRES_URL']
    if (given !== undefined) return measureServer('PostgreSQL', { TUTTI_DATABASE_URL: given }, context)
    if (globSync('/usr/lib/postgresql/*/bin/initdb').length === 0) return
    // Started by root, the server runs as a user of its own, who has to get there.
    chmodSync(context.folder, 0o711)
    const postgres = await startPostgres(path.join(context.folder, 'postgres-of-server'))
    try {
      await measureServer('PostgreSQL', { TUTTI_DATABASE_URL: postgres.url }, context)
    } finally {
      await postgres.stop()
    }
  },
}

async function measureServer(store: string, environment: NodeJS.ProcessEnv, context: BenchContext): Promise<void> {
  const home = path.join(context.folder, `server-over-${store}`)
  mkdirSync(home, { mode: 0o700 })
  const server = new ServerProcess(await freePort(), { TUTTI_HOME: home, ...environment })
  await server.start()
  try {
    await measureConnected(flowWorkloads, { place: 'server', url: server.url, label: store }, context)
  } finally {
    await server.stop()
  }
}
