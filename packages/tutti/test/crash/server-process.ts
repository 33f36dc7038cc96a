import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import path from 'node:path'

const MAIN = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')

/** A server of a home that can be killed and started again at the same address. */
export class ServerProcess {
  readonly port: number
  readonly #home: string
  readonly #environment: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  /** What it has printed, on either stream. */
  output = ''

  constructor(home: string, port: number, environment: Readonly<Record<string, string>> = {}) {
    this.#home = home
    this.#environment = environment
    this.port = port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/api`
  }

  /** Resolves once it answers. */
  async start(): Promise<void> {
    const flags = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning']
    const child = spawn(process.execPath, [...flags, MAIN, 'server', 'start', '--port', String(this.port)], {
      env: { ...process.env, TUTTI_HOME: this.#home, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
      this.output += chunk.toString()
    })
    await new Promise<void>((resolve, reject) => {
      // Read for as long as it lives: what it writes must not hold it up.
      child.stdout.on('data', (chunk: Buffer) => {
        this.output += chunk.toString()
        if (chunk.toString().includes('ready')) resolve()
      })
      child.on('close', () => reject(new Error(`the server ended before it was ready:\n${errors}`)))
    })
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
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
