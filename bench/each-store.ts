import { chmodSync, globSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { ensureBuilt } from './build.ts'
import { freePort, ServerProcess } from './server-process.ts'
import { startPostgres } from './soak/postgres.ts'
import type { BenchContext } from './workload.ts'

/** A store for a server on this machine. */
export interface ServerStore {
  readonly label: 'SQLite' | 'PostgreSQL'
  /** `file:…` or `postgres://…` */
  readonly url: string
  /** A server over it, in a process of its own, that is stopped when `use` has ended. */
  serve(use: (server: ServerProcess) => Promise<void>): Promise<void>
}

/** Each kind of store in turn, empty: SQLite, and PostgreSQL where `TUTTI_BENCH_POSTGRES_URL` names one or it is installed. */
export async function overEachStore(name: string, context: BenchContext, measure: (store: ServerStore) => Promise<void>): Promise<void> {
  await ensureBuilt()
  const home = path.join(context.folder, `${name}-sqlite`)
  mkdirSync(home, { mode: 0o700 })
  await measure(storeOf('SQLite', `file:${path.join(home, 'tutti.db')}`, home))

  const given = process.env['TUTTI_BENCH_POSTGRES_URL']
  if (given === undefined && globSync('/usr/lib/postgresql/*/bin/initdb').length === 0) return
  const other = path.join(context.folder, `${name}-postgres`)
  mkdirSync(other, { mode: 0o700 })
  if (given !== undefined) return measure(storeOf('PostgreSQL', given, other))
  // Started by root, the server runs as a user of its own, who has to get there.
  chmodSync(context.folder, 0o711)
  const postgres = await startPostgres(path.join(context.folder, `${name}-cluster`))
  try {
    await measure(storeOf('PostgreSQL', postgres.url, other))
  } finally {
    await postgres.stop()
  }
}

function storeOf(label: ServerStore['label'], url: string, home: string): ServerStore {
  return {
    label,
    url,
    async serve(use) {
      const server = new ServerProcess(await freePort(), { TUTTI_HOME: home, TUTTI_DATABASE_URL: url })
      await server.start()
      try {
        await use(server)
      } finally {
        await server.stop()
      }
    },
  }
}
