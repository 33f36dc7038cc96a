import { lstat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { SOCKET_NAME } from '../core/server-address.ts'

const ANSWER_WITHIN_MS = 1_000

/** The socket of the server that runs over a home, when one answers there; it must belong to whoever asks. */
export async function findLocalServer(home: string): Promise<string | undefined> {
  const path = join(home, SOCKET_NAME)
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
