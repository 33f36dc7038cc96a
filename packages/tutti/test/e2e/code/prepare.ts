// What a worker does before it starts a run, as a process of its own: prints one line of JSON, and holds the code until its input ends.
import { readCodeSource } from '../../../src/core/code-source.ts'
import { loadSettings } from '../../../src/settings/load.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { readEnvironment } from '../../../src/system/environment.ts'
import { systemIds } from '../../../src/system/random.ts'
import { prepareCode } from '../../../src/worker/code/index.ts'

const [repository = '', keep = '20'] = process.argv.slice(2)
const environment = readEnvironment()
const settings = loadSettings({ ...environment, TUTTI_CODE_KEEP: keep }, () => undefined)
const clock = systemClock()

const code = await prepareCode(
  readCodeSource({ pullSteps: [{ 'tutti.git': { repository } }], path: null, entrypoint: 'flow.ts' }),
  { home: settings.home, workingFolder: process.cwd(), environment, clock, ids: systemIds(clock), limits: settings },
  new AbortController().signal,
)
console.log(JSON.stringify({ how: code.how, folder: code.folder }))
process.stdin.resume().once('end', () => code.release())
