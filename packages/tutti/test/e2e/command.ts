// Starts the real command as a child process, from its sources, with a home of its own.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { INHERITED } from './inherited.ts'

const main = path.join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
export const flows = path.join(import.meta.dirname, 'flows', 'steps.ts')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command under way. */
export class Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  #stdout = ''
  #stderr = ''
  #waiting: (() => void)[] = []

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#wake()
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#wake()
    })
    this.ended = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => {
        this.#wake()
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr })
      })
    })
  }

  /** Resolves when the text has been printed, on either stream. */
  async printed(text: string): Promise<void> {
    while (!this.#stdout.includes(text) && !this.#stderr.includes(text)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        await this.ended
        if (this.#stdout.includes(text) || this.#stderr.includes(text)) return
        throw new Error(`the command ended without printing ${text}:\n${this.#stdout}${this.#stderr}`)
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const each of waiting) each()
  }
}

/** A home and a folder of one test, and the command in it. */
export class CommandLine {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'tutti-e2e-'))
  readonly home = path.join(this.folder, 'home')
  readonly #started: Running[] = []

  start(...args: readonly string[]): Running {
    return this.startWith({}, ...args)
  }

  startWith(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Running {
    const env = { ...INHERITED, HOME: this.folder, TUTTI_HOME: this.home, ...environment }
    const flags = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning']
    const child = spawn(process.execPath, [...flags, main, ...args], { env, cwd: this.folder, stdio: ['pipe', 'pipe', 'pipe'] })
    const running = new Running(child)
    this.#started.push(running)
    return running
  }

  run(...args: readonly string[]): Promise<Ended> {
    const running = this.start(...args)
    running.child.stdin?.end()
    return running.ended
  }

  /** What the command prints with `--json`, on its last line. */
  async json(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
    const { stdout } = await this.run(...args, '--json')
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Readonly<Record<string, unknown>> // one object, as each test goes on to check
  }

  /** What the tasks of the flows did, in order. */
  get calls(): readonly string[] {
    const file = path.join(this.folder, 'calls')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }

  /** Ends what a failed test left running, and removes the folder. */
  async close(): Promise<void> {
    for (const { child, ended } of this.#started) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
