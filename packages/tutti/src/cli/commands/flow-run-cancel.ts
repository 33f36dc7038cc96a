import { TuttiError } from '../../core/errors.ts'
import { formatDuration } from '../../core/duration.ts'
import { describeHolder } from '../../core/flow-run.ts'
import type { FlowRun } from '../../core/flow-run.ts'
import { isTerminal } from '../../core/state.ts'
import type { Tutti } from '../../index.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { runsArgument, TIMEOUT_DEFAULT_MS, timeoutOption } from '../options.ts'
import { paintState, printJson, printLine } from '../print.ts'
import { flowRunJson } from '../run-json.ts'
import { waitForEnd } from '../wait-for-end.ts'
import type { World } from '../world.ts'

export const cancel = defineCommand({
  about: 'The process that works on the run hears of it within a second; its code gets time to clean up. Cancelled runs can be resumed.',
  arguments: { runs: runsArgument },
  options: {
    timeout: timeoutOption,
    detach: { doc: 'Do not wait for the end' },
    json: { ...jsonOption, doc: 'Print one JSON object per line, one for each run' },
  },
  examples: [{ command: 'tutti flow-run cancel brave-otter', doc: 'End a run of another process' }],
  run: (world, { arguments: { runs: references }, options }) =>
    withTutti(world, async (tutti) => {
      // All are found before the first is cancelled: a mistyped name changes nothing.
      const runs: FlowRun[] = []
      for (const reference of references) runs.push(await findRun(tutti, reference))
      for (const run of runs) await ask(tutti, run)
      let late = false
      for (const { id } of runs) {
        const run = options.detach
          ? await tutti.orchestrator.flowRuns.get(id)
          : await waitForEnd(world, tutti, id, { timeoutMs: options.timeout ?? TIMEOUT_DEFAULT_MS })
        late ||= !options.detach && !isTerminal(run.state.type)
        if (options.json) printJson(world.output, flowRunJson(run))
        else tell(world, run, options.detach ? 0 : (options.timeout ?? TIMEOUT_DEFAULT_MS))
      }
      return late ? 1 : 0
    }),
})

async function ask({ orchestrator }: Tutti, run: FlowRun): Promise<void> {
  const decision = await orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'cancelled with tutti flow-run cancel' })
  if (decision.type === 'accept') return
  const { state } = await orchestrator.flowRuns.get(run.id)
  // Somebody else asked first; waiting for the end is all there is to do.
  if (state.type === 'cancelling' || state.type === 'cancelled') return
  throw new TuttiError('TRANSITION_REJECTED', `flow run ${run.name} (${run.id}) could not be cancelled: ${decision.reason}`)
}

function tell({ output, errors }: World, run: FlowRun, waitedMs: number): void {
  printLine(output, `${paintState(output, run.state)} ${run.name} (${run.id})`)
  if (isTerminal(run.state.type) || waitedMs === 0) return
  const holder = run.lease === null ? 'its process' : describeHolder(run.lease.holder)
  printLine(errors, `It has not ended within ${formatDuration(waitedMs)}: ${holder} still works on it.`)
}
