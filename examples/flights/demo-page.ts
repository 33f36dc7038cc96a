// The run in the dashboard: a server over what the demo has recorded.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connect } from 'tutti'
import { ensureDashboard } from '../../scripts/dashboard.ts'

const MAIN = resolve(import.meta.dirname, '..', '..', 'packages', 'tutti', 'src', 'cli', 'main.ts')
const FLAGS = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning']

/** Shows the run until Ctrl-C, or until it is told to stop. */
export async function showRun(folder: string, say: (line: string) => void): Promise<void> {
  const home = join(folder, 'home')
  if (!existsSync(home)) throw new Error(`${folder} is no folder of this demo: npm run demo makes one and says where it is`)
  const id = await newestRun(home)
  await ensureDashboard()
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const server = spawn(process.execPath, [...FLAGS, MAIN, 'server', 'start'], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, TUTTI_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(server, 'close')
  let errors = ''
  server.stderr.on('data', (chunk: Buffer) => void (errors = (errors + chunk.toString()).slice(-4_000)))
  let isShown = false
  server.stdout.on('data', (chunk: Buffer) => {
    const address = /^The dashboard is at (\S+)$/m.exec(chunk.toString())?.[1]
    if (address === undefined) return
    isShown = true
    say(`See the run: ${address}/runs/${id}`)
    say('Ctrl-C ends it.')
  })
  // The terminal tells the server itself; whoever stops only this process means both.
  const stop = (): void => void server.kill('SIGTERM')
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  try {
    await ended
  } finally {
    process.off('SIGTERM', stop)
    process.off('SIGINT', stop)
  }
  if (!isShown) throw new Error(`the dashboard's server ended before it was ready:\n${errors}`)
}

async function newestRun(home: string): Promise<string> {
  const tutti = await connect({ home, print: false })
  try {
    const { items } = await tutti.orchestrator.flowRuns.list({ flowName: 'flights', limit: 1 })
    const [run] = items
    if (run === undefined) throw new Error(`nothing was run in ${home}`)
    return run.id
  } finally {
    await tutti.close()
  }
}
