import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { killTree } from './process-tree.ts'

export interface ChildProgramOptions {
  readonly file: string
  /** Options of Node itself, before the file. */
  readonly nodeOptions: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onMessage: (message: unknown) => void
  /** A long line comes in parts, of which all but the last go on. */
  readonly onLine: (stream: 'stdout' | 'stderr', line: string, goesOn: boolean) => void
  /** Called once, after everything it printed. */
  readonly onExit: (end: ProgramEnd) => void
}

export interface ProgramEnd {
  readonly code: number | null
  readonly signal: string | null
  /** It could not be started at all. */
  readonly error?: Error
}

/** A Node program that was started, with a channel for messages and its output as lines. */
export interface ChildProgram {
  readonly pid: number
  send(message: unknown): void
  /** Ends it, and whatever it has started, at once. */
  kill(): void
  /** Closes the channel: it is to end when its work is done. */
  disconnect(): void
}

/** Longer lines are cut in parts: a program that prints no line break must not fill the memory of who listens. */
const LINE_MAX = 64_000

/** Starts a program in a process group of its own, so that it can be ended with all of its children. */
export function startChildProgram(options: ChildProgramOptions): ChildProgram {
  const child = spawn(process.execPath, [...options.nodeOptions, options.file], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: options.environment,
    detached: true,
  })
  const pid = child.pid ?? 0
  let ended = false
  // A program says on its channel what is secret before it prints it, and the two are read in any order: lines wait until what was said
  // before them must have been heard.
  const afterNews = twoTurnsLater()
  const end = (told: ProgramEnd): void => {
    if (ended) return
    ended = true
    // What it has left behind must not go on without it.
    killTree(pid, { itself: false })
    afterNews(() => options.onExit(told))
  }
  child.on('message', options.onMessage)
  child.on('error', (error) => {
    if (child.pid === undefined) end({ code: null, signal: null, error })
  })
  readLines(child.stdout!, (line, goesOn) => afterNews(() => options.onLine('stdout', line, goesOn))) // both are pipes
  readLines(child.stderr!, (line, goesOn) => afterNews(() => options.onLine('stderr', line, goesOn))) // as above
  // `exit` comes before the last output; `close` waits for it, and for whoever has inherited the pipe.
  child.on('exit', (code, signal) => {
    killTree(pid, { itself: false })
    const finish = (): void => end({ code, signal })
    child.once('close', finish)
    const timer = setTimeout(finish, OUTPUT_AFTER_EXIT_MS)
    timer.unref()
  })
  return {
    pid,
    send: (message) => sendTo(child, message),
    kill: () => killTree(pid, { itself: true }),
    disconnect() {
      if (child.connected) child.disconnect()
    },
  }
}

const OUTPUT_AFTER_EXIT_MS = 1_000

/** Calls back after two turns of the event loop, in the order it was asked to. */
function twoTurnsLater(): (callback: () => void) => void {
  let next: (() => void)[] = []
  let afterNext: (() => void)[] = []
  let isTurning = false
  const turn = (): void => {
    const due = next
    next = afterNext
    afterNext = []
    for (const callback of due) callback()
    isTurning = next.length + afterNext.length > 0
    if (isTurning) setImmediate(turn)
  }
  return (callback) => {
    afterNext.push(callback)
    if (isTurning) return
    isTurning = true
    setImmediate(turn)
  }
}

/** To a program that is ending a message cannot be sent; its end is told anyway. */
function sendTo(child: ChildProcess, message: unknown): void {
  if (child.connected) child.send(message as object, () => undefined)
}

function readLines(stream: Readable, onLine: (line: string, goesOn: boolean) => void): void {
  let rest = ''
  /** Gives away parts of a line until what is left is short enough. */
  const shorten = (line: string): string => {
    let at = 0
    for (; line.length - at > LINE_MAX; at += LINE_MAX) onLine(line.slice(at, at + LINE_MAX), true)
    return line.slice(at)
  }
  stream.setEncoding('utf8')
  stream.on('data', (piece: string) => {
    const lines = (rest + piece).split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(shorten(line), false)
    rest = shorten(rest)
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest, false)
  })
}
