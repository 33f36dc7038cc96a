import { answerWait } from '../../core/answer.ts'
import { TuttiError } from '../../core/errors.ts'
import { describeHolder } from '../../core/flow-run.ts'
import type { FlowRun } from '../../core/flow-run.ts'
import { isTerminal } from '../../core/state.ts'
import type { Tutti } from '../../index.ts'
import { defineCommand } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { loadFlowOf } from '../flow-file.ts'
import { followOptions, followRun } from '../follow-run.ts'
import { PLAIN_RERUN } from '../../core/rerun.ts'
import { runArgument } from '../options.ts'
import { paintState, printJson, printLine } from '../print.ts'
import { flowRunJson } from '../run-json.ts'
import { readInput } from '../run-input.ts'
import type { World } from '../world.ts'
import { fromOptions, isDeployed, leaveToWorker, resultsOf, showPlan, storedResults } from './flow-run-rerun.ts'

const options = {
  file: { value: 'FILE', doc: 'Where the flow is now, as flow.ts or flow.ts:name; default: where the run came from' },
  ...followOptions,
} as const

const exitCodes = 'Exit codes: 0 completed, 1 failed or crashed, 130 cancelled.'

export const resume = defineCommand({
  about:
    'For runs that crashed, were cancelled or wait. Finished task runs, failed ones too, are replayed and not called again.\n' +
    `A run that waits goes on in its own process, or in a worker.\n${exitCodes}`,
  arguments: { run: runArgument },
  options: {
    input: {
      short: 'i',
      value: 'NAME=VALUE|JSON',
      repeatable: true,
      doc: 'What the run waits for: approved=true, or JSON; `flow-run inspect` tells what that is',
    },
    ...options,
  },
  examples: [
    { command: 'tutti flow-run resume brave-otter', doc: 'Go on where a crash ended it' },
    { command: 'tutti flow-run resume brave-otter --input approved=true', doc: 'Give a run what it waits for' },
  ],
  run: (world, input) =>
    withTutti(world, async (tutti) => {
      const run = await findRun(tutti, input.arguments.run)
      const woken = (await answer(tutti, run, input.options.input)) ?? (await leave(tutti, run, input.options.file))
      if (woken === undefined) return resumeHere(world, tutti, run, input.options)
      if (input.options.json) printJson(world.output, flowRunJson(woken))
      else printLine(world.output, `${paintState(world.output, woken.state)} ${woken.name} (${woken.id}), ${whereItGoesOn(woken)}`)
      return 0
    }),
})

export const retry = defineCommand({
  about: `For runs that failed, and others that ended. Completed task runs are replayed, failed ones run again.\n${exitCodes}`,
  arguments: { run: runArgument },
  options: { ...options, ...fromOptions },
  examples: [
    { command: 'tutti flow-run retry brave-otter --file fixed.ts', doc: 'Try again with another file' },
    { command: 'tutti flow-run retry brave-otter --from fetch', doc: 'Also run again what had completed since that task' },
  ],
  run: (world, input) => {
    const { from, result, plan, json } = input.options
    const results = resultsOf(result)
    return withTutti(world, async (tutti) => {
      const run = await findRun(tutti, input.arguments.run)
      const request = { ...PLAIN_RERUN, from: from ?? null, results: storedResults(results), how: 'retry', json } as const
      if (plan) return showPlan(world, tutti, run, request)
      if (isDeployed(run) && input.options.file === undefined) return leaveToWorker(world, tutti, run, request)
      const flow = await loadFlowOf(tutti, run, input.options.file)
      const differing = {
        ...(from === undefined ? undefined : { from }),
        ...(results.size === 0 ? undefined : { results: Object.fromEntries(results) }),
      }
      return followRun(world, tutti, input.options, () => tutti.retry(flow, run.id, differing))
    })
  },
})

/** The run, when it waited and goes on by itself with what it was given; `undefined`: it has to be taken up again. */
async function answer({ orchestrator }: Tutti, run: FlowRun, typed: readonly string[]): Promise<FlowRun | undefined> {
  if (run.state.type !== 'paused' && typed.length === 0) return undefined
  const wait = await orchestrator.waits.open(run.id)
  if (wait === null) {
    if (typed.length === 0) return undefined
    throw new TuttiError('NOT_WAITING', `flow run ${run.name} (${run.id}) is ${run.state.name} and waits for no input`)
  }
  await answerWait(orchestrator.waits, run.id, readInput(typed, wait))
  const now = await orchestrator.flowRuns.get(run.id)
  return isTerminal(now.state.type) ? undefined : now
}

function whereItGoesOn({ lease }: FlowRun): string {
  return lease === null ? 'a worker goes on with it' : `it goes on in ${describeHolder(lease.holder)}`
}

type Typed = Parameters<typeof followRun>[2] & { readonly file: string | undefined }

/** The run, when it is one of a deployment, which a worker goes on with. */
async function leave({ orchestrator }: Tutti, run: FlowRun, file: string | undefined): Promise<FlowRun | undefined> {
  if (!isDeployed(run) || file !== undefined) return undefined
  const decision = await orchestrator.flowRuns.command(run.id, { type: 'resume' })
  if (decision.type === 'accept') return orchestrator.flowRuns.get(run.id)
  throw new TuttiError('TRANSITION_REJECTED', `flow run ${run.name} (${run.id}) could not resume: ${decision.reason}`)
}

async function resumeHere(world: World, tutti: Tutti, run: FlowRun, typed: Typed): Promise<number> {
  const flow = await loadFlowOf(tutti, run, typed.file)
  return followRun(world, tutti, typed, () => tutti.resume(flow, run.id))
}
