import { existsSync, globSync, statSync } from 'node:fs'
import path from 'node:path'
import { root, runNode } from '../scripts/processes.ts'

const packageRoot = path.join(root, 'packages', 'tutti')
const source = path.join(packageRoot, 'src')
/** The last file that a build writes. */
const lastBuilt = path.join(packageRoot, 'dist', 'cli', 'main.js')

/** Builds the package when it is not built, or from older sources. */
export async function ensureBuilt(): Promise<void> {
  if (isBuilt()) return
  const { code, output } = await runNode(['scripts/build.ts'])
  if (code !== 0) throw new Error(`the package could not be built:\n${output.trim()}`)
}

function isBuilt(): boolean {
  if (!existsSync(lastBuilt)) return false
  const builtAt = statSync(lastBuilt).mtimeMs
  return globSync('**/*.ts', { cwd: source })
    .filter((file) => !file.endsWith('.test.ts'))
    .every((file) => statSync(path.join(source, file)).mtimeMs < builtAt)
}
