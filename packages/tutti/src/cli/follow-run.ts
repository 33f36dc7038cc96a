import { TuttiError } from '../core/errors.ts'
import type { LogLevel } from '../core/log.ts'
import { LOG_LEVELS } from '../core/log.ts'
import { maskSecrets } from '../engine/secret-mask.ts'
import type { RunFuture, RunState, Tutti } from '../index.ts'
import { loadSettings } from '../settings/load.ts'
import type { OptionSpecs } from './command.ts'
import { jsonOption } from './command.ts'
import { errorCode, errorJson, messageOf, printError } from './error-report.ts'
import { printJson, printLine } from './print.ts'
import { FAILED, handleSignals, INTERRUPTED } from './signals.ts'
import { plain } from './stored-values.ts'
import type { World } from './world.ts'

export interface FollowOptions {
  readonly json: boolean
  readonly quiet: boolean
  readonly logLevel: LogLevel | undefined
}

/** Options of every command that runs a flow in this process. */
export const followOptions = {
  logLevel: {
    value: 'LEVEL',
    choices: Object.keys(LOG_LEVELS) as LogLevel[], // its keys are the levels
    doc: 'Lowest level of log lines shown; all are kept',
  },
  json: { ...jsonOption, doc: 'Print one JSON object per line; the last one is the outcome' },
  quiet: { short: 'q', doc: 'Print the result only' },
} as const satisfies OptionSpecs

/** Runs a flow in this process while the terminal shows it. Answers with the exit code of how it ended. */
export async function followRun(world: World, tutti: Tutti, options: FollowOptions, begin: () => RunFuture<unknown>): Promise<number> {
  const settings = loadSettings(world.environment, (path) => world.readFile(path))
  const format = options.json ? 'json' : options.quiet ? 'quiet' : settings.log
  const seen = new Set<string>()
  const observing = [tutti.observe({ flowRun: ({ id }) => void seen.add(id) })]
  if (format !== 'quiet') {
    const { processReporter } = await import('../system/terminal.ts')
    observing.push(tutti.observe(processReporter({ format, level: options.logLevel ?? settings.logLevel, mask: maskSecrets })))
  }
  const signals = handleSignals(world, tutti)
  try {
    const future = begin()
    const state = await future.state()
    const begun = future.id !== null && seen.has(future.id)
    const code = begun || state.isCompleted ? exitCode(state, signals.code()) : errorCode(state.error)
    if (format === 'json') printJson(world.output, outcomeJson(future, state, code))
    else tell(world, future, state, { begun, quiet: format === 'quiet' })
    return code
  } finally {
    signals.stop()
    for (const stop of observing) stop()
  }
}

/** 0: completed. 1: failed or crashed. 130: cancelled, 143 when the process was asked to end. */
function exitCode(state: RunState, signal: number | undefined): number {
  // Nothing is wrong with a run that waits without a process.
  if (state.type === 'completed' || isSuspended(state)) return 0
  if (state.type === 'cancelled') return signal ?? INTERRUPTED
  return FAILED
}

function isSuspended({ type }: RunState): boolean {
  return type === 'scheduled' || type === 'paused'
}

function outcomeJson(future: RunFuture<unknown>, state: RunState, code: number): object {
  return {
    type: 'outcome',
    flowRunId: future.id,
    name: future.id === null ? null : future.name,
    state: { type: state.type, name: state.name, message: state.message },
    result: plain(state.result),
    error: state.type === 'completed' || isSuspended(state) ? null : errorJson(state.error),
    exitCode: code,
  }
}

/** What the reporter, which shows runs while they run, has not said yet. */
function tell(world: World, future: RunFuture<unknown>, state: RunState, { begun, quiet }: { begun: boolean; quiet: boolean }): void {
  if (future.id === null || (!begun && !state.isCompleted)) {
    // It never began here: there is no run, or somebody else has it.
    printError(world.errors, state.error, { debug: false, json: false })
    return
  }
  if (!begun) printLine(world.errors, `Flow run ${future.name} (${future.id}) had already ended as ${state.name}.`)
  if (state.isCompleted) {
    if (state.result !== undefined) printLine(world.output, shownResult(world, state.result))
    return
  }
  if (isSuspended(state)) {
    printLine(
      world.errors,
      `${future.name} (${future.id}) has given its process back; a worker goes on with it: ${state.message ?? state.name}`,
    )
    return
  }
  if (!quiet) return
  const what = `flow run ${future.name} (${future.id})`
  if (state.type === 'cancelled') {
    printLine(world.errors, `Cancelled ${what}; continue it with: tutti flow-run resume ${future.id}`)
    return
  }
  const failed = new TuttiError('FLOW_RUN_FAILED', `${what} ended as ${state.name}: ${messageOf(state.error)}`)
  printError(world.errors, failed, { debug: false, json: false })
}

const RESULT_SHOWN_MAX = 10_000

function shownResult({ output }: World, result: unknown): string {
  const text = JSON.stringify(plain(result), undefined, output.isTerminal ? 2 : undefined)
  return text.length > RESULT_SHOWN_MAX && output.isTerminal ? `${text.slice(0, RESULT_SHOWN_MAX)}… (--json prints all of it)` : text
}
