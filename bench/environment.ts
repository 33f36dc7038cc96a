import { readFileSync, statfsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { pragmas } from './floor.ts'
import type { Durability } from './measurement.ts'

/** The first line of output: on what the numbers below it were measured. */
export interface Environment {
  readonly workload: 'environment'
  readonly path: string
  readonly filesystem: string
  readonly pragmas: Readonly<Record<Durability, string>>
  readonly sqlite: string
  readonly cpu: string
  readonly cores: number
  readonly memory_gb: number
  readonly node: string
  readonly version: string
}

/** As `statfs` numbers them; those that keep nothing on a disk would make every number meaningless. */
const FILESYSTEMS: Readonly<Record<number, string>> = {
  0x01021994: 'tmpfs',
  0x858458f6: 'ramfs',
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x2fc12fc1: 'zfs',
  0x794c7630: 'overlay',
  0x6969: 'nfs',
}

export function readEnvironment(path: string): Environment {
  const { type } = statfsSync(path)
  return {
    workload: 'environment',
    path,
    filesystem: FILESYSTEMS[type] ?? `0x${type.toString(16)}`,
    pragmas: { normal: pragmaText('normal'), full: pragmaText('full') },
    sqlite: sqliteVersion(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    version: packageVersion(),
  }
}

export function isInMemory(environment: Environment): boolean {
  return environment.filesystem === 'tmpfs' || environment.filesystem === 'ramfs'
}

function pragmaText(durability: Durability): string {
  const each = Object.entries(pragmas(durability)).map(([name, value]) => `${name} = ${value}`)
  return each.join('; ')
}

function sqliteVersion(): string {
  const database = new DatabaseSync(':memory:')
  try {
    return String(database.prepare('SELECT sqlite_version() AS version').get()?.['version'])
  } finally {
    database.close()
  }
}

function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../packages/tutti/package.json', import.meta.url), 'utf8'))
  return (manifest as { readonly version: string }).version // every package.json has one
}
