import { readFileSync, statSync } from 'node:fs'

/** Who holds a lock on a database, for people: `process 4711`. Linux tells; elsewhere it is `another process`. */
export function lockHolder(path: string): string {
  try {
    const inodes = [`${path}-shm`, path]
      .map((file) => statSync(file, { throwIfNoEntry: false })?.ino)
      .filter((inode) => inode !== undefined)
    // 1: POSIX  ADVISORY  WRITE 4711 08:01:131090 120 120
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const fields = line.trim().split(/\s+/)
      const [kind, pid, file, start] = [fields[3], fields[4], fields[5], fields[6]]
      // Byte 120 of the shared memory file is the lock of the writer (SQLite, "WAL-mode file format", section 2.3).
      if (kind === 'WRITE' && start === '120' && pid !== undefined && inodes.some((inode) => file?.endsWith(`:${inode}`) === true))
        return `process ${pid}`
    }
  } catch {
    // Only Linux has the table of locks; the message does without.
  }
  return 'another process'
}
