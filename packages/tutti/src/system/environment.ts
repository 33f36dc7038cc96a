import { readFileSync } from 'node:fs'

export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env
}

/** The text of a file; `undefined` when there is none. Other troubles are thrown. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
