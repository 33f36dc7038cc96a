import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { LeaseHolder } from '../core/lease.ts'
import type { Liveness } from '../core/orchestrator.ts'

/** Tells whether a process of this machine still lives. A pid alone may have been given to another process: its start time settles it. */
export function systemLiveness(): Liveness {
  const host = hostname()
  const bootId = readText('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
  const own: LeaseHolder = { host, bootId, pid: process.pid, processStart: processStart(process.pid) ?? '' }

  return {
    self: () => own,
    of(holder) {
      if (holder.host !== host) return 'unknown'
      if (holder.bootId !== bootId) return 'dead'
      if (!exists(holder.pid)) return 'dead'
      const started = processStart(holder.pid)
      // Without /proc the pid is all there is to go by.
      if (started === undefined || holder.processStart === '') return 'alive'
      return started === holder.processStart ? 'alive' : 'dead'
    },
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; the name in field 2 may hold spaces and parentheses. A zombie counts as gone. */
function processStart(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? 'zombie' : fields[19]
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not Linux, or the process ended while we looked: both mean "not known".
    return undefined
  }
}
