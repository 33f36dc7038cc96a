import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { errorJson } from '../error-report.ts'
import { clockTime } from '../moment.ts'
import { paint, paintState, printFields, printJson, printLine } from '../print.ts'
import { stateJson, taskRunJson } from '../run-json.ts'
import { addressJson, readError, readValue, showValue, valueJson } from '../stored-values.ts'
import { showError, stateLine } from './flow-run-inspect.ts'
import { took } from './task-run-ls.ts'

export const inspect = defineCommand({
  arguments: { id: { doc: 'the id of the task run, from `tutti task-run ls`' } },
  options: { json: jsonOption },
  examples: [],
  run: (world, { arguments: { id }, options }) =>
    withTutti(world, async (tutti) => {
      const run = await tutti.orchestrator.taskRuns.get(id)
      const flowRun = run.flowRunId === null ? undefined : await tutti.orchestrator.flowRuns.get(run.flowRunId)
      const { output } = world
      const completed = run.state.type === 'completed'
      const result = await readValue(tutti, run.childFlowRunId ?? run.flowRunId ?? '', completed ? run.outcome : null)
      const error = run.state.type === 'failed' ? readError(run.outcome) : undefined
      if (options.json) {
        printJson(output, {
          ...taskRunJson(run),
          flowRunName: flowRun?.name ?? null,
          result: completed ? valueJson(result) : null,
          resultAddress: addressJson(result),
          error: error === undefined ? null : errorJson(error),
          states: [...run.history.map(stateJson), stateJson(run.state)],
        })
        return 0
      }
      printFields(output, [
        ['Task run', paint(output, 'bold', run.name)],
        ['Id', run.id],
        ['Flow run', flowRun === undefined ? undefined : `${flowRun.name} (${flowRun.id})`],
        ['State', stateLine(output, run.state)],
        ['Sub-flow run', run.childFlowRunId ?? undefined],
        ['Inside', run.parentTaskRunId ?? undefined],
        ['Waited for', run.upstream.length === 0 ? undefined : run.upstream.join('\n')],
        ['Created', clockTime(run.createdAt)],
        ['Took', run.startedAt === null ? undefined : took(run, world.clock.now())],
        ['Attempts', String(run.runCount)],
        ['Tags', run.tags.length === 0 ? undefined : run.tags.join(', ')],
        ['Result', completed ? showValue(result, output.colours) : undefined],
        ['Error', error === undefined ? undefined : showError(error)],
      ])
      printLine(output)
      for (const state of run.history)
        printLine(output, `  ${paint(output, 'dim', clockTime(state.timestamp))}  ${paintState(output, state)}`)
      printLine(output, `  ${paint(output, 'dim', clockTime(run.state.timestamp))}  ${stateLine(output, run.state)}`)
      return 0
    }),
})
