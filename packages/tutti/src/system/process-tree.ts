import { readdirSync, readFileSync } from 'node:fs'

/**
 * Ends a process group and everything that descends from it, also what has moved to groups of its own.
 *
 * @param pid - the leader of the group.
 */
export function killTree(pid: number, { itself }: { readonly itself: boolean }): void {
  if (pid <= 0) return
  const below = descendants(pid)
  signalTo(-pid)
  for (const each of below) signalTo(each)
  if (itself) signalTo(pid)
}

function signalTo(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

/** Processes below one, as far as the system tells. */
function descendants(pid: number): readonly number[] {
  const children = new Map<number, number[]>()
  for (const name of folders('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(name)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found: number[] = []
  for (let next = children.get(pid) ?? []; next.length > 0; next = next.flatMap((each) => children.get(each) ?? [])) found.push(...next)
  return found
}

function folders(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    // Systems without it have process groups only.
    return []
  }
}

function parentOf(pid: string): number | undefined {
  try {
    // The name in parentheses may hold anything; what follows it are single words.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    // It has ended since the folder was read.
    return undefined
  }
}
