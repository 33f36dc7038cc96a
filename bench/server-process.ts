import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { root } from '../scripts/processes.ts'

const HEALTHY_WITHIN_MS = 60_000

/** A server that can be killed and started again on the same port. */
export class ServerProcess {
  readonly url: string
  readonly #port: number
  readonly #environment: NodeJS.ProcessEnv
  #child: ChildProcess | undefined
  #errors = ''

  constructor(port: number, environment: NodeJS.ProcessEnv) {
    this.#port = port
    this.#environment = environment
    this.url = `http://127.0.0.1:${port}/api`
  }

  async start(): Promise<void> {
    const main = path.join(root, 'packages', 'tutti', 'dist', 'cli', 'main.js')
    const child = spawn(process.execPath, [main, 'server', 'start', '--host', '127.0.0.1', '--port', String(this.#port)], {
      env: { ...process.env, ...this.#environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child = child
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4_000)
    })
    const deadline = performance.now() + HEALTHY_WITHIN_MS
    while (!(await this.#isHealthy())) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`the server did not become healthy:\n${this.#errors}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async #isHealthy(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(2_000) })).ok
    } catch {
      return false
    }
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  /** Memory of the process in MB; 0 while there is none. */
  rssMb(): number {
    return rssMbOf(this.#child?.pid)
  }

  async count(noun: 'flow_runs' | 'task_runs', filter: object): Promise<number> {
    const response = await fetch(`${this.url}/${noun}/count`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(filter),
      signal: AbortSignal.timeout(60_000),
    })
    if (!response.ok) throw new Error(`${noun}/count answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as number // the protocol answers a bare number
  }
}

export function rssMbOf(pid: number | undefined): number {
  if (pid === undefined) return 0
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) / 1024
  } catch {
    // It has just ended.
    return 0
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  server.close()
  await once(server, 'close')
  return port
}
