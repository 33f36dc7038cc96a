import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { ChildPlan, Window } from './windows.ts'

export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

/** What the store holds, read by a bystander. */
export interface Stored {
  readonly flowRuns: readonly {
    readonly id: string
    readonly flow: string
    readonly state: string
    readonly message: string | null
    readonly attempt: number
  }[]
  readonly taskRuns: readonly { readonly name: string; readonly kind: string; readonly state: string }[]
}

const CHILD_MS_MAX = 250_000
export const STEPS = ['first', 'left', 'middle', 'right', 'part of inner', 'last'] as const
export const RESULT = STEPS.map((step) => step.toUpperCase()).join(', ')

/** A home of its own, and the processes that live and die in it. */
export class CrashHome {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'tutti-crash-'))
  readonly #children = new Set<ChildProcess>()

  /** Starts a process and tells how it ended. */
  run(plan: Omit<ChildPlan, 'home'>): Promise<ChildEnd> {
    return this.start(plan).ended
  }

  start(plan: Omit<ChildPlan, 'home'>): { readonly child: ChildProcess; readonly ended: Promise<ChildEnd> } {
    return this.startFile('child.ts', JSON.stringify({ home: this.folder, ...plan } satisfies ChildPlan))
  }

  startFile(file: string, ...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<ChildEnd> } {
    const flags = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning']
    const child = spawn(process.execPath, [...flags, path.join(import.meta.dirname, file), ...args], {
      env: { ...process.env, TUTTI_HOME: this.folder },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: CHILD_MS_MAX,
      killSignal: 'SIGKILL',
    })
    this.#children.add(child)
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
    })
    const ended = new Promise<ChildEnd>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => {
        this.#children.delete(child)
        resolve({ code, signal, errors })
      })
    })
    return { child, ended }
  }

  /** Lines the children wrote, each at once and for good. */
  lines(file: 'calls' | 'windows' | 'story' | 'result'): readonly string[] {
    const whole = path.join(this.folder, file)
    return existsSync(whole) ? readFileSync(whole, 'utf8').trimEnd().split('\n') : []
  }

  get lastWindow(): Window | undefined {
    return this.lines('windows').at(-1) as Window | undefined // written by child.ts only
  }

  stored(): Stored {
    const file = path.join(this.folder, 'tutti.db')
    if (!existsSync(file)) return { flowRuns: [], taskRuns: [] }
    const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 })
    try {
      const tables = database.prepare("SELECT count(*) AS tables FROM sqlite_master WHERE name = 'task_runs'").get()
      if (tables?.['tables'] === 0) return { flowRuns: [], taskRuns: [] }
      return {
        flowRuns: database
          .prepare('SELECT id, flow_name AS flow, state_type AS state, state_message AS message, attempt FROM flow_runs ORDER BY id')
          .all(),
        taskRuns: database.prepare('SELECT name, kind, state_type AS state FROM task_runs ORDER BY id').all(),
      } as unknown as Stored // as the statements say
    } finally {
      database.close()
    }
  }

  /** The steps whose results were acknowledged as committed. */
  committed(): ReadonlySet<string> {
    return new Set(this.stored().taskRuns.flatMap(({ name, kind, state }) => (kind === 'task' && state === 'completed' ? [name] : [])))
  }

  /** Steps that were called although the store had acknowledged their results, in whichever life. */
  calledAfterCommit(): readonly string[] {
    const acknowledged = new Set<string>()
    const again: string[] = []
    for (const line of this.lines('story')) {
      const [what, name] = split(line)
      if (what === 'acknowledged') acknowledged.add(name)
      else if (acknowledged.has(name)) again.push(name)
    }
    return again
  }

  /** Steps whose results the store has acknowledged and does not have. */
  lost(): readonly string[] {
    const committed = this.committed()
    return this.lines('story').flatMap((line) => {
      const [what, name] = split(line)
      return what === 'acknowledged' && !committed.has(name) ? [name] : []
    })
  }

  rootRun(): Stored['flowRuns'][number] | undefined {
    return this.stored().flowRuns.find((run) => run.flow === 'work')
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function split(line: string): readonly [what: string, name: string] {
  const space = line.indexOf(' ')
  return [line.slice(0, space), line.slice(space + 1)]
}
