import path from 'node:path'
import { root, runCommand } from '../../scripts/processes.ts'

const CLUSTER = path.join(root, 'packages', 'tutti', 'test', 'tools', 'pg-cluster.sh')

/** A PostgreSQL of the soak's own. */
export interface SoakPostgres {
  readonly url: string
  /** Its processes are killed, it recovers and goes on. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startPostgres(folder: string): Promise<SoakPostgres> {
  const started = await cluster('start', folder)
  const url = started.trim().split('\n').at(-1) ?? ''
  return {
    url,
    async restart() {
      await cluster('crash', folder)
      await cluster('restart', folder)
    },
    async stop() {
      await cluster('stop', folder)
    },
  }
}

async function cluster(...args: readonly string[]): Promise<string> {
  const { code, output } = await runCommand('bash', [CLUSTER, ...args])
  if (code !== 0) throw new Error(`pg-cluster.sh ${args.join(' ')} failed:\n${output}`)
  return output
}
