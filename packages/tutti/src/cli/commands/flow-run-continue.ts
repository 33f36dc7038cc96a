import { defineCommand } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { loadFlowOf } from '../flow-file.ts'
import { followOptions, followRun } from '../follow-run.ts'
import { PLAIN_RERUN } from '../../core/rerun.ts'
import { runArgument } from '../options.ts'
import { fromOptions, isDeployed, leaveToWorker, resultsOf, showPlan, storedResults } from './flow-run-rerun.ts'

const options = {
  file: { value: 'FILE', doc: 'Where the flow is now, as flow.ts or flow.ts:name; default: where the run came from' },
  ...followOptions,
} as const

const exitCodes = 'Exit codes: 0 completed, 1 failed or crashed, 130 cancelled.'

export const resume = defineCommand({
  about: `For runs that crashed, were cancelled or are paused. Finished task runs, failed ones too, are replayed and not called again.\n${exitCodes}`,
  arguments: { run: runArgument },
  options,
  examples: [{ command: 'tutti flow-run resume brave-otter', doc: 'Go on where a crash ended it' }],
  run: (world, { arguments: { run: reference }, options: typed }) =>
    withTutti(world, async (tutti) => {
      const run = await findRun(tutti, reference)
      const flow = await loadFlowOf(tutti, run, typed.file)
      return followRun(world, tutti, typed, () => tutti.resume(flow, run.id))
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
