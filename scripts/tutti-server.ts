// A Tutti server of one's own: another home, a free port, ended with the caller.
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { killGroup } from './bounded.ts'
import { Unavailable } from './prefect-venv.ts'
import { root } from './processes.ts'

const HEALTHY_SECONDS_MAX = 30

export interface Served {
  /** Without `/api`. */
  readonly url: string
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly home: string
  readonly databaseUrl: string | undefined
}

/** Starts `tutti server start` from source and waits until it is healthy. */
export async function startServer({ home, databaseUrl }: ServerOptions): Promise<Served> {
  const port = await freePort()
  const program = path.join(root, 'packages', 'tutti', 'src', 'cli', 'main.ts')
  const args = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', program, 'server', 'start']
  const child = spawn(process.execPath, [...args, '--host', '127.0.0.1', '--port', String(port)], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TUTTI_HOME: path.join(home, 'tutti'),
      TUTTI_API_URL: undefined,
      TUTTI_DATABASE_URL: databaseUrl,
    },
  })
  let output = ''
  let ended: string | undefined
  const add = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-20_000)
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  const end = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      ended = error.message
      resolve()
    })
    child.on('close', (code, signal) => {
      ended = `exit status ${code ?? signal}`
      resolve()
    })
  })
  const endGroup = (): void => killGroup(child.pid, 'SIGKILL')
  process.once('exit', endGroup)

  const stop = async (): Promise<void> => {
    if (ended === undefined) killGroup(child.pid, 'SIGTERM')
    await Promise.race([end, sleep(15_000)])
    endGroup()
    process.removeListener('exit', endGroup)
  }

  const url = `http://127.0.0.1:${port}`
  const deadline = performance.now() + HEALTHY_SECONDS_MAX * 1000
  while (!(await isHealthy(url))) {
    if (ended !== undefined || performance.now() > deadline) {
      await stop()
      throw new Unavailable(
        `The server did not come up (${ended ?? `not healthy after ${HEALTHY_SECONDS_MAX} seconds`}), so no script ran:\n${output.trim()}`,
        5,
      )
    }
    await sleep(50)
  }
  return { url, stop }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(2_000) })
    return response.ok
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
