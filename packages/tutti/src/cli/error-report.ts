import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'
import { isTuttiError } from '../core/errors.ts'
import type { TuttiError } from '../core/errors.ts'
import { UsageError } from './usage-error.ts'
import type { Output } from './world.ts'

const FAILED = 1
const USAGE = 2
/** Errors of what was typed: nothing was run, and typing the same again will not help. */
const USAGE_CODES: readonly TuttiError['code'][] = [
  'INVALID_PARAMETERS',
  'INVALID_INPUT',
  'ENTRYPOINT_NOT_FOUND',
  'CONFIG_NOT_FOUND',
  'FLOW_NOT_FOUND',
  'FLOW_AMBIGUOUS',
  'INVALID_CURSOR',
]
/** Causes named; deeper ones say nothing new. */
const CAUSES_MAX = 4

/** Prints what went wrong and what to do about it. Answers with the exit code. */
export function printError(to: Output, error: unknown, { debug, json }: { readonly debug: boolean; readonly json: boolean }): number {
  const code = errorCode(error)
  if (json) {
    to.write(`${JSON.stringify({ error: errorJson(error) })}\n`)
    return code
  }
  const paint = (style: 'red' | 'dim', text: string): string => (to.colours ? styleText(style, text, { validateStream: false }) : text)
  to.write(`${paint('red', 'Error:')} ${messageOf(error)}\n`)
  if (isTuttiError(error, 'ENTRYPOINT_FAILED')) for (const place of placesOf(error.cause)) to.write(`  ${paint('dim', place)}\n`)
  else for (const cause of causesOf(error)) to.write(`  because: ${cause}\n`)
  const fix = fixOf(error)
  if (fix !== undefined) to.write(`  ${fix}\n`)
  if (isTuttiError(error)) to.write(`  ${paint('dim', `[${error.code}]`)}\n`)
  if (debug) to.write(`\n${paint('dim', stackOf(error))}\n`)
  else if (!isTuttiError(error) && !(error instanceof UsageError)) to.write('  Run it again with --debug to see where it comes from.\n')
  return code
}

/** 2 for a wrong command line, 1 for everything else that goes wrong. */
export function errorCode(error: unknown): number {
  const isUsage = error instanceof UsageError || (isTuttiError(error) && USAGE_CODES.includes(error.code))
  return isUsage ? USAGE : FAILED
}

/** As printed with `--json`. */
export function errorJson(error: unknown): Readonly<Record<string, unknown>> {
  return {
    code: isTuttiError(error) ? error.code : error instanceof UsageError ? 'USAGE' : null,
    message: messageOf(error),
    fix: fixOf(error) ?? null,
    causes: causesOf(error),
  }
}

function fixOf(error: unknown): string | undefined {
  return isTuttiError(error) || error instanceof UsageError ? error.fix : undefined
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? error.name : error.message
}

/** What lies behind an error, as far as it adds something. */
function causesOf(error: unknown): readonly string[] {
  const causes: string[] = []
  let said = messageOf(error)
  let cause = error instanceof Error ? error.cause : undefined
  while (cause !== undefined && cause !== null && causes.length < CAUSES_MAX) {
    const message = messageOf(cause)
    if (!said.includes(message)) causes.push(message)
    said += message
    cause = cause instanceof Error ? cause.cause : undefined
  }
  return causes
}

/** Files of this copy of Tutti: its own part of a stack says nothing to users. */
const OWN_FILES = fileURLToPath(new URL('..', import.meta.url))
const PLACES_MAX = 3

/** Where in the user's file an error was thrown, innermost first. */
function placesOf(error: unknown): readonly string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : []
  const isForeign = (line: string): boolean => line.startsWith('at ') && !line.includes('node:') && !line.includes(OWN_FILES)
  return lines
    .map((line) => line.trim())
    .filter(isForeign)
    .slice(0, PLACES_MAX)
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`
}
