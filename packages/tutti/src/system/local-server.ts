import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SOCKET_NAME } from '../core/server-address.ts'

const ANSWER_WITHIN_MS = 1_000
/** What every system takes as the path of a socket; Linux takes four more. */
const PATH_MAX_BYTES = 103

/** Where the server of a home listens: in the home, or in the folder for temporary files where that path would be too long for a socket. */
export function socketPathOf(home: string): string {
  const path = join(home, SOCKET_NAME)
  if (Buffer.byteLength(path) <= PATH_MAX_BYTES) return path
  return join(tmpdir(), `tutti-${createHash('sha256').update(home).digest('hex').slice(0, 16)}.sock`)
}

/** The socket of the server that runs over a home, when one answers there; it must belong to whoever asks. */
export async function findLocalServer(home: string): Promise<string | undefined> {
  const path = socketPathOf(home)
  if (!(await isOwnSocket(path))) return undefined
  return (await answers(path)) ? path : undefined
}

async function isOwnSocket(path: string): Promise<boolean> {
  try {
    const found = await lstat(path)
    return found.isSocket() && (process.getuid === undefined || found.uid === process.getuid())
  } catch {
    // Almost always: there is none.
    return false
  }
}

/** A server that was killed leaves its socket behind; nobody listens there. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const tell = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.setTimeout(ANSWER_WITHIN_MS, () => tell(false))
    socket.once('connect', () => tell(true))
    socket.once('error', () => tell(false))
  })
}
