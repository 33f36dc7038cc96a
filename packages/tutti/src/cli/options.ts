import { parseDuration } from '../core/duration.ts'
import { PAGE_LIMIT_MAX } from '../core/query.ts'
import { STATE_TYPES } from '../core/state.ts'
import type { ArgumentSpec, OptionSpec } from './command.ts'
import { RUN_REFERENCE } from './connection.ts'
import { UsageError } from './usage-error.ts'

/** Options and arguments that several commands share. */

export const runArgument = { doc: `the flow run: ${RUN_REFERENCE}` } as const satisfies ArgumentSpec
export const runsArgument = { doc: `flow runs: of each ${RUN_REFERENCE}`, many: true } as const satisfies ArgumentSpec

export const stateOption = {
  value: 'STATE',
  repeatable: true,
  choices: STATE_TYPES,
  doc: 'Only those in this state',
} as const satisfies OptionSpec

export const limitOption = {
  short: 'n',
  value: 'NUMBER',
  parse: limitUpTo(PAGE_LIMIT_MAX),
  doc: `At most so many, up to ${PAGE_LIMIT_MAX}; default 20`,
} as const satisfies OptionSpec

export const cursorOption = { value: 'CURSOR', doc: 'Go on where a page ended' } as const satisfies OptionSpec

export const timeoutOption = {
  value: 'DURATION',
  parse: duration,
  doc: 'How long to wait for the end; default 60s',
} as const satisfies OptionSpec

export const LIMIT_DEFAULT = 20
export const TIMEOUT_DEFAULT_MS = 60_000

export function limitUpTo(max: number): (text: string) => number {
  return (text) => {
    const limit = wholeNumber(text)
    if (limit > max)
      throw new UsageError(`${text} is more than a page holds`, `Ask for at most ${max}; where there is a --cursor, go on with it.`)
    return limit
  }
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`'${text}' is not a whole number above 0`)
  return number
}

function duration(text: string): number {
  try {
    return parseDuration(text, 'the duration')
  } catch {
    throw new UsageError(`'${text}' is not a duration`, 'Write it as in 500ms, 30s, 5m or 1h30m.')
  }
}
