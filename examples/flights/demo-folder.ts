import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Older demos that are kept to be looked at. */
const KEPT = 2

const ours = /^\d{8}-\d{6}-\d+$/

/** A new folder under `parent`; all but the newest few of its elder siblings are removed. */
export async function newDemoFolder(parent: string, now: Date, pid: number): Promise<string> {
  await mkdir(parent, { recursive: true })
  const stamp = now
    .toISOString()
    .replaceAll(/[-:]|\..*/g, '')
    .replace('T', '-')
  const elder = (await readdir(parent)).filter((name) => ours.test(name)).toSorted()
  for (const name of elder.slice(0, Math.max(0, elder.length - KEPT))) {
    // A demo that still runs keeps its folder.
    if (!isAlive(Number(name.split('-')[2]))) await rm(join(parent, name), { recursive: true, force: true })
  }
  const folder = join(parent, `${stamp}-${pid}`)
  await mkdir(folder)
  return folder
}

/** A folder of the user's choice: new or empty, so that nothing of theirs is touched and no earlier demo is mixed in. */
export async function chosenFolder(folder: string): Promise<string> {
  if (existsSync(folder) && (await readdir(folder)).length > 0) throw new Error(`${folder} is not empty: name a new folder with --keep`)
  await mkdir(folder, { recursive: true })
  return folder
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
