import type { FlowRun } from '../../core/flow-run.ts'
import type { LogRecord } from '../../core/log.ts'
import type { StateType } from '../../core/state.ts'
import type { Instant } from '../../core/time.ts'
import { formatDuration } from '../../core/duration.ts'
import type { Tutti } from '../../index.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { LogFeed, logLine } from '../log-feed.ts'
import { stamp } from '../moment.ts'
import { runArgument } from '../options.ts'
import { paint, printJson, printLine } from '../print.ts'
import { flowRunJson, logJson, stateJson } from '../run-json.ts'
import { FAILED, INTERRUPTED } from '../signals.ts'
import { waitForEnd } from '../wait-for-end.ts'
import type { World } from '../world.ts'
import { countLine, stateLine } from './flow-run-inspect.ts'

export const watch = defineCommand({
  about:
    'Shows states and log lines of a run, of whatever process, until it ends. The exit code tells how: 0 completed, 1 failed or crashed, 130 cancelled.',
  arguments: { run: runArgument },
  options: { json: { ...jsonOption, doc: 'Print one JSON object per line; the last one is the outcome' } },
  examples: [{ command: 'tutti flow-run watch brave-otter', doc: 'Follow a run that another process works on' }],
  run: (world, { arguments: { run: reference }, options }) =>
    withTutti(world, async (tutti) => {
      return watchRun(world, tutti, await findRun(tutti, reference), options.json)
    }),
})

/** Shows a run until it ends. Answers with the exit code of how it ended. */
export async function watchRun(world: World, tutti: Tutti, run: FlowRun, asJson: boolean): Promise<number> {
  const show = asJson ? showJson(world, tutti, run) : showText(world, tutti, run)
  const ended = await waitForEnd(world, tutti, run.id, { timeoutMs: null, each: show })
  const exitCode = watchCode(ended.state.type)
  if (asJson) printJson(world.output, { type: 'outcome', ...flowRunJson(ended), exitCode })
  else await showEnd(world, tutti, ended)
  return exitCode
}

function watchCode(type: StateType): number {
  return type === 'completed' ? 0 : type === 'cancelled' ? INTERRUPTED : FAILED
}

interface Teller {
  state(state: State): void
  log(record: LogRecord): void
}

/** Tells every state and every log line once, in the order in which they happened. */
function follow(tutti: Tutti, run: FlowRun, tell: Teller): (current: FlowRun) => Promise<void> {
  const feed = new LogFeed(tutti, { flowRunId: run.id })
  let told = 0
  let lastId: string | undefined
  return async (current) => {
    const states = current.state.id === lastId ? [] : (await tutti.orchestrator.flowRuns.states(run.id)).slice(told)
    lastId = current.state.id
    told += states.length
    let next = 0
    const tellStates = (until: Instant): void => {
      for (let state = states[next]; state !== undefined && state.timestamp <= until; state = states[++next]) tell.state(state)
    }
    await feed.read((record) => {
      tellStates(record.timestamp)
      tell.log(record)
    })
    tellStates(Number.POSITIVE_INFINITY)
  }
}

type State = FlowRun['state']

function showJson(world: World, tutti: Tutti, run: FlowRun): (current: FlowRun) => Promise<void> {
  return follow(tutti, run, {
    state: (state) => printJson(world.output, { type: 'state', flowRunId: run.id, ...stateJson(state) }),
    log: (record) => printJson(world.output, { type: 'log', ...logJson(record) }),
  })
}

function showText({ output }: World, tutti: Tutti, run: FlowRun): (current: FlowRun) => Promise<void> {
  printLine(output, `${paint(output, 'bold', run.name)} of ${run.flowName} (${run.id})`)
  return follow(tutti, run, {
    state: (state) => printLine(output, `${paint(output, 'dim', stamp(state.timestamp))} ${stateLine(output, state)}`),
    log: (record) => printLine(output, logLine(output, record)),
  })
}

async function showEnd({ output }: World, tutti: Tutti, run: FlowRun): Promise<void> {
  const counts = await tutti.orchestrator.taskRuns.countByState(run.id)
  printLine(output, `Ran for ${formatDuration(run.totalRunMs)}; task runs: ${countLine(output, counts)}`)
}
