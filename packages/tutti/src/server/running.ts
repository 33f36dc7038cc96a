// Which server runs over a home: told by a file in it, believed only while its process lives.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import type { LeaseHolder } from '../core/lease.ts'
import type { Clock } from '../core/time.ts'
import { systemClock } from '../system/clock.ts'
import { makePrivateFolder } from '../system/folder.ts'
import { systemLiveness } from '../system/liveness.ts'

const FILE = 'server.json'

export interface RunningInfo {
  readonly holder: LeaseHolder
  /** Up to and including `/api`; `null` while it starts. */
  readonly url: string | null
}

/** Says that the server of this home is this process, as long as nobody else is. */
export interface Claim {
  listening(url: string): void
  release(): void
}

/**
 * Makes the home if it is not there.
 *
 * @throws `SERVER_RUNNING`, or `HOME_UNUSABLE`
 */
export async function claimHome(home: string): Promise<Claim> {
  try {
    await makePrivateFolder(home)
    return claimFolder(home)
  } catch (cause) {
    if (isTuttiError(cause)) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TuttiError('HOME_UNUSABLE', `no server can run over the home ${home}: ${why}`, { cause })
  }
}

function claimFolder(home: string): Claim {
  const path = join(home, FILE)
  const holder = systemLiveness().self()
  const draft = `${path}.${holder.pid}`
  const write = (url: string | null): void => writeFileSync(draft, JSON.stringify({ holder, url } satisfies RunningInfo), { mode: 0o600 })
  write(null)
  try {
    for (let attempt = 0; !linked(draft, path); attempt += 1) {
      const other = findServer(home)
      // Somebody else may clear away what is stale and take its place at the same time.
      if (other !== undefined || attempt > 10)
        throw new TuttiError('SERVER_RUNNING', `${other === undefined ? 'another process' : described(other)} is the server of ${home}`)
      rmSync(path, { force: true })
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return {
    listening(url) {
      write(url)
      renameSync(draft, path)
    },
    release: () => rmSync(path, { force: true }),
  }
}

/** The server that runs over a home; `undefined` when there is none, or only the file of one that was killed, or that ran on a machine of another name. */
export function findServer(home: string): RunningInfo | undefined {
  const info = readInfo(join(home, FILE))
  return info !== undefined && systemLiveness().of(info.holder) === 'alive' ? info : undefined
}

const LOOK_MS = 25

/** Asks the server of a home to stop and waits until it has; `undefined` when there is none. Throws `SERVER_RUNNING` when it does not. */
export async function stopServer(home: string, waitMs: number, clock: Clock = systemClock()): Promise<RunningInfo | undefined> {
  const info = findServer(home)
  if (info === undefined) return undefined
  process.kill(info.holder.pid, 'SIGTERM')
  for (let waited = 0; waited < waitMs; waited += LOOK_MS) {
    if (systemLiveness().of(info.holder) !== 'alive') return info
    await clock.sleep(LOOK_MS)
  }
  throw new TuttiError('SERVER_RUNNING', `process ${info.holder.pid} has not stopped for ${waitMs / 1000} s`)
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false // thrown by the file system
    throw error
  }
}

function readInfo(path: string): RunningInfo | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // as above
    throw error
  }
  try {
    return JSON.parse(text) as RunningInfo // written by `claimHome` only
  } catch {
    // Cut off by a crash of the machine: whoever wrote it is gone.
    return undefined
  }
}

function described({ holder, url }: RunningInfo): string {
  return `process ${holder.pid} (${url ?? 'starting'})`
}
