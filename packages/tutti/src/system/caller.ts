import { hostname, userInfo } from 'node:os'
import { basename, dirname } from 'node:path'
import { processActor } from '../core/actor.ts'
import type { Actor } from '../core/actor.ts'

/** As whom this process asks for changes: whoever typed the command, else the process. */
export function systemCaller(): Actor {
  const host = hostname()
  return isCommand(process.argv[1] ?? '') ? { kind: 'command', name: `${userName()}@${host}` } : processActor({ host, pid: process.pid })
}

/** As it is installed, and as it is started from its sources. */
function isCommand(file: string): boolean {
  const name = basename(file)
  return name === 'tutti' || name === 'tutti.js' || (/^main\.[jt]s$/.test(name) && basename(dirname(file)) === 'cli')
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container's user need not have a name.
    return `user ${process.getuid?.() ?? '?'}`
  }
}
