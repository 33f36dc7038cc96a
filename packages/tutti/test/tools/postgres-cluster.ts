// A PostgreSQL of a test's own, started by pg-cluster.sh beside this file.
import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)
const script = join(import.meta.dirname, 'pg-cluster.sh')

export type ClusterNode = 'primary' | 'standby'

export interface ClusterOptions {
  /** Nothing is synced to the disk: for tests that never crash the server. */
  readonly fast?: boolean
}

export class PostgresCluster {
  readonly #folder: string
  readonly url: string

  private constructor(folder: string, url: string) {
    this.#folder = folder
    this.url = url
  }

  static async start({ fast = false }: ClusterOptions = {}): Promise<PostgresCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'tutti-postgres-'))
    return new PostgresCluster(folder, await command('start', folder, 'primary', fast ? { PG_FAST: '1' } : {}))
  }

  /** A standby that a commit waits for. */
  standby(): Promise<string> {
    return command('standby', this.#folder, 'standby', { PG_SYNC: '1' })
  }

  promote(): Promise<string> {
    return command('promote', this.#folder)
  }

  /** A pooler in transaction mode. */
  bouncer(): Promise<string> {
    return command('bouncer', this.#folder)
  }

  async crash(node: ClusterNode = 'primary'): Promise<void> {
    await command('crash', this.#folder, node)
  }

  async restart(node: ClusterNode = 'primary'): Promise<void> {
    await command('restart', this.#folder, node)
  }

  async pause(node: ClusterNode = 'primary'): Promise<void> {
    await command('pause', this.#folder, node)
  }

  async resume(node: ClusterNode = 'primary'): Promise<void> {
    await command('resume', this.#folder, node)
  }

  async stop(): Promise<void> {
    await command('stop', this.#folder)
  }
}

async function command(
  name: string,
  folder: string,
  node: ClusterNode = 'primary',
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await run('bash', [script, name, folder, node], { env: { ...process.env, ...environment } })
  return stdout.trim()
}

/** Runs statements one after the other, on a connection of its own; gives the rows of the last one. */
export async function querySql(url: string, ...statements: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let rows: readonly Readonly<Record<string, unknown>>[] = []
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows
    return rows
  } finally {
    await client.end()
  }
}

/** The same server, another database. */
export function inDatabase(url: string, name: string): string {
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

/** Makes an empty database on a server, perhaps with another order of letters, or a copy of another one that nobody is connected to. */
export async function makeDatabase(url: string, name: string, template = 'template0', icuLocale?: string): Promise<string> {
  const locale = icuLocale === undefined ? '' : ` locale_provider icu icu_locale "${icuLocale}"`
  await querySql(url, `create database "${name}" template "${template}"${locale}`)
  return inDatabase(url, name)
}
