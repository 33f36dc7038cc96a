import type { Explanation, Reason } from '../../core/explain.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { timeOrNull } from '../moment.ts'
import { runArgument } from '../options.ts'
import { paint, paintState, printJson, printLine } from '../print.ts'
import { stateJson } from '../run-json.ts'
import type { World } from '../world.ts'

export const explain = defineCommand({
  about: 'Reasons are in their order: the first is what the run waits for now. Below each stands what to do about it.',
  arguments: { run: runArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti flow-run explain brave-otter', doc: 'Tell why a run has not started yet' }],
  run: (world, { arguments: { run: reference }, options }) =>
    withTutti(world, async (tutti) => {
      const { id } = await findRun(tutti, reference)
      const explanation = await tutti.orchestrator.flowRuns.explain(id)
      if (options.json) printJson(world.output, explanationJson(explanation))
      else show(world, explanation)
      return 0
    }),
})

function show({ output }: World, { flowRunId, flowRunName, state, reasons }: Explanation): void {
  printLine(output, `${paint(output, 'bold', flowRunName)} (${flowRunId}) is ${paintState(output, state)}.`)
  for (const { message, action } of reasons) {
    printLine(output)
    printLine(output, message)
    printLine(output, `  ${paint(output, 'dim', action.type === 'command' ? '$' : '→')} ${action.text}`)
  }
}

function explanationJson({ flowRunId, flowRunName, state, at, reasons }: Explanation): object {
  return { flowRunId, flowRunName, state: stateJson(state), at: timeOrNull(at), reasons: reasons.map(reasonJson) }
}

function reasonJson({ since, until, heldBy, ...rest }: Reason): object {
  return {
    ...rest,
    since: timeOrNull(since),
    until: timeOrNull(until),
    heldBy: heldBy.map((holding) => ({ ...holding, since: timeOrNull(holding.since) })),
  }
}
