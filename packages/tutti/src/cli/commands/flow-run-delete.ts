import type { FlowRun } from '../../core/flow-run.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { runsArgument } from '../options.ts'
import { printJson, printLine } from '../print.ts'

export const remove = defineCommand({
  about: 'Deletes runs with their sub-flow runs, task runs, logs and results. A run that a process works on is refused.',
  arguments: { runs: runsArgument },
  options: { json: { ...jsonOption, doc: 'Print one JSON object per line, one for each run' } },
  examples: [{ command: 'tutti flow-run delete brave-otter', doc: 'The newest run of that name' }],
  run: (world, { arguments: { runs: references }, options }) =>
    withTutti(world, async (tutti) => {
      const runs: FlowRun[] = []
      for (const reference of references) runs.push(await findRun(tutti, reference))
      for (const { id, name } of runs) {
        await tutti.orchestrator.flowRuns.delete(id)
        if (options.json) printJson(world.output, { deleted: id, name })
        else printLine(world.output, `Deleted ${name} (${id})`)
      }
      return 0
    }),
})
