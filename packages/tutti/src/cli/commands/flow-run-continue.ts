import { defineCommand } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { loadFlowOf } from '../flow-file.ts'
import { followOptions, followRun } from '../follow-run.ts'
import { PLAIN_RERUN } from '../../core/rerun.ts'
import { runArgument } from '../options.ts'
import { fromOptions, resultsOf, showPlan, storedResults } from './flow-run-rerun.ts'
import type { World } from '../world.ts'

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
  run: (world, input) => continueRun(world, input, 'resume'),
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
    if (!plan)
      return continueRun(world, input, 'retry', {
        ...(from === undefined ? undefined : { from }),
        ...(results.size === 0 ? undefined : { results: Object.fromEntries(results) }),
      })
    const request = { ...PLAIN_RERUN, from: from ?? null, results: storedResults(results), how: 'retry' } as const
    return withTutti(world, async (tutti) => showPlan(world, tutti, await findRun(tutti, input.arguments.run), { ...request, json }))
  },
})

interface Typed {
  readonly arguments: { readonly run: string }
  readonly options: Parameters<typeof followRun>[2] & { readonly file: string | undefined }
}

function continueRun(
  world: World,
  { arguments: { run: reference }, options: typed }: Typed,
  how: 'resume' | 'retry',
  differing: { readonly from?: string; readonly results?: Readonly<Record<string, unknown>> } = {},
): Promise<number> {
  return withTutti(world, async (tutti) => {
    const run = await findRun(tutti, reference)
    const flow = await loadFlowOf(tutti, run, typed.file)
    return followRun(world, tutti, typed, () => (how === 'retry' ? tutti.retry(flow, run.id, differing) : tutti.resume(flow, run.id)))
  })
}
