import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Clock } from '../core/time.ts'
import { maskSecrets } from '../engine/secret-mask.ts'
import { systemClock } from '../system/clock.ts'
import { readEnvironment, readTextFile } from '../system/environment.ts'
import { exitProcess, listenToProcess } from '../system/process.ts'
import { hasColours } from '../system/terminal/screen.ts'
import type { WatchedProgram, WatchOptions } from '../system/watched-program.ts'

export type { ProgramNews } from '../system/watched-program.ts'

/** Where text goes: a terminal, a file or a pipe. */
export interface Output {
  write(text: string): void
  readonly isTerminal: boolean
  /** Characters in a line of the terminal; `undefined` elsewhere. */
  readonly columns: number | undefined
  /** Whether colours are shown. */
  readonly colours: boolean
  /** Nobody reads it any more: what is written is lost. */
  readonly gone: boolean
}

/** All that a command knows of the process it runs in. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly output: Output
  readonly errors: Output
  /** Whether a person can be asked. */
  readonly interactive: boolean
  ask(question: string): Promise<string>
  /** What is typed is not shown. */
  askSecret(question: string): Promise<string>
  readInput(): Promise<string>
  /** The text of a file; `undefined` when there is none. */
  readFile(path: string): string | undefined
  readonly listen: typeof listenToProcess
  watchProgram(options: WatchOptions): Promise<WatchedProgram>
  /** Ends the process now. */
  readonly exit: (code: number) => void
}

/** The command's one place where the process is touched. */
export function processWorld(): World {
  const environment = readEnvironment()
  return {
    environment,
    clock: systemClock(),
    output: outputOf(process.stdout, environment),
    errors: outputOf(process.stderr, environment),
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true && environment['CI'] === undefined,
    async ask(question) {
      // Questions go to stderr: stdout is for what was asked for.
      const lines = createInterface({ input: process.stdin, output: process.stderr })
      try {
        return await lines.question(question)
      } finally {
        lines.close()
      }
    },
    async askSecret(question) {
      const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
      const lines = createInterface({ input: process.stdin, output: unseen, terminal: true })
      process.stderr.write(question)
      try {
        return await lines.question('')
      } finally {
        lines.close()
        process.stderr.write('\n')
      }
    },
    readInput: () => text(process.stdin),
    readFile: readTextFile,
    listen: listenToProcess,
    watchProgram: async (options) => (await import('../system/watched-program.ts')).watchProgram(options),
    exit: exitProcess,
  }
}

function outputOf(stream: NodeJS.WriteStream, environment: World['environment']): Output {
  let gone = false
  // `tutti flow-run ls | head -1`: who reads may stop at any time. That is no error, and a run under way goes on.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
    gone = true
  })
  return {
    write: (text) => void (gone || stream.write(maskSecrets(text))),
    get gone() {
      return gone
    },
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY === true ? stream.columns : undefined
    },
    colours: hasColours(stream.isTTY === true, environment),
  }
}
