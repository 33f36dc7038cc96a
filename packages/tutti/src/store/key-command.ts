import { spawnSync } from 'node:child_process'
import { TuttiError } from '../core/errors.ts'

const WAIT_MS = 30_000
const OUTPUT_MAX_BYTES = 64 * 1024
const SAID_MAX = 300

/**
 * What a program prints that is asked for the key: one key in a line, the newest first. It is started as it is, without a shell that would
 * make something else of its words, and once for each process that needs the key.
 *
 * @throws `KEY_COMMAND_FAILED`
 */
export function keysOfCommand([program, ...args]: readonly [string, ...string[]], waitMs = WAIT_MS): readonly [string, ...string[]] {
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: waitMs,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_MAX_BYTES,
    shell: false,
  })
  const failed = (why: string): TuttiError =>
    new TuttiError('KEY_COMMAND_FAILED', `the command for the key, ${program}, ${why}`, { cause: error })
  const { code } = (error ?? {}) as NodeJS.ErrnoException // thrown by the system
  if (code === 'ETIMEDOUT') throw failed(`has not ended after ${waitMs / 1000} s`)
  if (code === 'ENOBUFS') throw failed(`prints more than ${OUTPUT_MAX_BYTES} bytes`)
  if (error !== undefined) throw failed(code === 'ENOENT' ? 'is not there' : `cannot be started: ${error.message}`)
  if (status !== 0) throw failed(`${status === null ? `was ended by ${signal}` : `ended with code ${status}`}${said(stderr)}`)
  const [newest, ...older] = stdout.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (newest === undefined) throw failed(`printed no key${said(stderr)}`)
  return [newest, ...older]
}

/** What it printed for people: never the key. */
function said(stderr: string): string {
  const text = stderr.trim()
  return text === '' ? '' : `: ${text.length > SAID_MAX ? `…${text.slice(-SAID_MAX)}` : text}`
}
