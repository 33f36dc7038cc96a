// `npm run e2e [FILE …]`: the suites in which programs, servers, workers and a browser work together.
import { root, runNode } from './processes.ts'
import path from 'node:path'

const { code } = await runNode(
  [
    '--conditions=tutti-source',
    '--disable-warning=ExperimentalWarning',
    path.join(root, 'scripts', 'test.ts'),
    '--suite',
    'e2e',
    '--suite',
    'browser',
    ...process.argv.slice(2),
  ],
  { show: true },
)
process.exitCode = code ?? 1
