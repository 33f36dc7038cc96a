import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../scripts/processes.ts'
import type { FaultProxy } from '../../packages/tutti/test/tools/fault-proxy.ts'

export interface MachineOptions {
  readonly name: string
  readonly pool: string
  /** Runs at once. */
  readonly limit: number
  readonly home: string
  readonly apiUrl: string
  /** Before the server: the network of this machine. */
  readonly network: FaultProxy
  readonly environment: NodeJS.ProcessEnv
}

const READY_WITHIN_MS = 60_000
const LINES_MAX = 400

/** A worker with all of its processes and its network: a machine that can stop, vanish, and come back. */
export class Machine {
  readonly name: string
  readonly network: FaultProxy
  /** What its workers printed last. */
  readonly lines: string[] = []
  readonly #options: MachineOptions
  readonly #busy = new Map<string, number>()
  #worker: ChildProcess | undefined

  constructor(options: MachineOptions) {
    this.#options = options
    this.name = options.name
    this.network = options.network
    mkdirSync(options.home, { recursive: true })
  }

  /** Resolves when the worker serves its pool. */
  async start(): Promise<void> {
    const { name, pool, limit, home, apiUrl, environment } = this.#options
    const main = path.join(root, 'packages', 'tutti', 'dist', 'cli', 'main.js')
    const worker = spawn(
      process.execPath,
      [main, 'worker', 'start', '--pool', pool, '--type', 'process', '--name', name, '--limit', String(limit), '--warm', '2'],
      {
        env: { ...process.env, ...environment, TUTTI_API_URL: apiUrl, TUTTI_HOME: home, NODE_OPTIONS: '' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    this.#worker = worker
    this.#busy.clear()
    const ready = Promise.withResolvers<void>()
    const hear = (line: string): void => {
      if (this.lines.push(line) > LINES_MAX) this.lines.shift()
      if (line.includes('serves the work pool')) ready.resolve()
      this.#note(line)
    }
    for (const stream of [worker.stdout, worker.stderr]) eachLine(stream, hear)
    worker.on('exit', () => ready.resolve())
    const late = setTimeout(() => ready.reject(new Error(`the worker ${name} was not ready:\n${this.lines.join('\n')}`)), READY_WITHIN_MS)
    await ready.promise.finally(() => clearTimeout(late))
    if (!this.isRunning) throw new Error(`the worker ${name} ended:\n${this.lines.join('\n')}`)
  }

  get isRunning(): boolean {
    return this.#worker !== undefined && this.#worker.exitCode === null && this.#worker.signalCode === null
  }

  /** Processes that have a run at the moment. */
  get busy(): readonly number[] {
    const alive = new Set(this.#processes())
    return [...this.#busy.values()].filter((pid) => alive.has(pid))
  }

  /** The machine is gone, with everything on it. */
  async vanish(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined || !this.isRunning) return
    const ended = once(worker, 'exit')
    // Held still, so that nothing is started between the look and the kill.
    worker.kill('SIGSTOP')
    for (const pid of this.#processes()) signal(pid, 'SIGKILL')
    worker.kill('SIGKILL')
    await ended
  }

  /** Everything on it stands still. */
  freeze(): void {
    this.#worker?.kill('SIGSTOP')
    for (const pid of this.#processes()) signal(pid, 'SIGSTOP')
  }

  thaw(): void {
    for (const pid of this.#processes()) signal(pid, 'SIGCONT')
    this.#worker?.kill('SIGCONT')
  }

  /** As it is stopped in peace; tells whether it ended by itself within the time. */
  async stop(withinMs: number): Promise<boolean> {
    const worker = this.#worker
    if (worker === undefined || !this.isRunning) return true
    const ended = once(worker, 'exit').then(() => true)
    worker.kill('SIGTERM')
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(false), withinMs)
    return Promise.race([ended, late.promise]).finally(() => clearTimeout(timer))
  }

  #note(line: string): void {
    const begun = /^(\S+) of \S+ runs in process (\d+)$/.exec(line)
    if (begun !== null) this.#busy.set(begun[1]!, Number(begun[2]))
    const over = /^(\S+) ended as |^(\S+): process \d+ ended/.exec(line)
    if (over !== null) this.#busy.delete((over[1] ?? over[2])!)
  }

  /** The processes below the worker. */
  #processes(): readonly number[] {
    const pid = this.isRunning ? this.#worker?.pid : undefined
    return pid === undefined ? [] : below(pid)
  }
}

/** A process that is still this one: the worker reaps its children, so a number is not used again while we look. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    // It has just ended.
    return false
  }
}

function below(pid: number): readonly number[] {
  const parents = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = parentOf(entry)
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), Number(entry)])
  }
  const found: number[] = []
  for (const todo = [pid]; todo.length > 0;) {
    const children = parents.get(todo.pop()!) ?? []
    found.push(...children)
    todo.push(...children)
  }
  return found
}

function parentOf(pid: string): number | undefined {
  try {
    // The name in parentheses may hold anything; the state and the parent come after it.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return undefined
  }
}

function eachLine(stream: NodeJS.ReadableStream, hear: (line: string) => void): void {
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) hear(line)
  })
}
