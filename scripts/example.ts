// `npm run example NAME`: runs an example together with the servers it needs, all on this machine.
import { globSync } from 'node:fs'
import path from 'node:path'
import { root, runNode } from './processes.ts'

const [name, ...args] = process.argv.slice(2)
const names = globSync('examples/*/main.ts', { cwd: root }).map((file) => path.basename(path.dirname(file)))
if (name === undefined || !names.includes(name)) {
  console.error(`Say which example to run: npm run example <${names.join(' | ')}>`)
  process.exitCode = 1
} else {
  const file = path.join('examples', name, 'main.ts')
  const { code } = await runNode(['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', file, ...args], { show: true })
  process.exitCode = code
}
