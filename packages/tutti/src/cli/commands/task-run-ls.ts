import { formatDuration } from '../../core/duration.ts'
import type { TaskRun } from '../../core/task-run.ts'
import { elapsedMs } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import type { Tutti } from '../../index.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findRun, RUN_REFERENCE, withTutti } from '../connection.ts'
import { ago } from '../moment.ts'
import { cursorOption, LIMIT_DEFAULT, limitOption, stateOption } from '../options.ts'
import { paint, paintState, printJson, printLine } from '../print.ts'
import { taskRunJson } from '../run-json.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'
import type { World } from '../world.ts'

export const list = defineCommand({
  arguments: {},
  options: {
    flowRun: { short: 'r', value: 'RUN', doc: `Of this flow run: ${RUN_REFERENCE}; default: the newest flow run` },
    state: { ...stateOption, short: 's' },
    task: { value: 'NAME', doc: 'Only runs of this task' },
    limit: limitOption,
    cursor: cursorOption,
    json: jsonOption,
  },
  examples: [{ command: 'tutti task-run ls --flow-run brave-otter --state failed', doc: 'What failed in a flow run' }],
  run: (world, { options }) =>
    withTutti(world, async (tutti) => {
      const flowRunId = await flowRunOf(world, tutti, options.flowRun)
      if (flowRunId === undefined) {
        if (options.json) printJson(world.output, { items: [], cursor: null })
        else printLine(world.errors, 'No flow runs. Run one with `tutti run flow.ts`.')
        return 0
      }
      const page = await tutti.orchestrator.taskRuns.list({
        flowRunId,
        limit: options.limit ?? LIMIT_DEFAULT,
        ...(options.state.length > 0 && { states: options.state }),
        ...(options.task !== undefined && { taskKey: options.task }),
        ...(options.cursor !== undefined && { cursor: options.cursor }),
      })
      if (options.json) printJson(world.output, { items: page.items.map(taskRunJson), cursor: page.cursor })
      else printPage(world, page, columns(world.clock.now()), 'No task runs.')
      return 0
    }),
})

async function flowRunOf({ errors }: World, tutti: Tutti, reference: string | undefined): Promise<string | undefined> {
  if (reference !== undefined) return (await findRun(tutti, reference)).id
  const [newest] = (await tutti.orchestrator.flowRuns.list({ level: 'roots', limit: 1 })).items
  if (newest !== undefined)
    printLine(errors, paint(errors, 'dim', `Task runs of ${newest.name} (${newest.flowName}), the newest flow run:`))
  return newest?.id
}

function columns(now: Instant): readonly Column<TaskRun>[] {
  return [
    { title: 'STATE', cell: (run, to) => paintState(to, run.state) },
    { title: 'NAME', cell: (run) => (run.kind === 'flow' ? `${run.name} (sub-flow)` : run.name) },
    { title: 'CREATED', cell: (run) => ago(run.createdAt, now) },
    { title: 'TOOK', cell: (run) => took(run, now), align: 'right' },
    { title: 'ATTEMPTS', cell: (run) => String(run.runCount), align: 'right' },
    { title: 'ID', cell: (run) => run.id, whole: true },
  ]
}

/** From the first start to the end, or up to now. */
export function took({ startedAt, endedAt, state }: TaskRun, now: Instant): string {
  if (startedAt === null) return ''
  if (endedAt !== null) return formatDuration(elapsedMs(startedAt, endedAt))
  return state.type === 'running' ? formatDuration(elapsedMs(startedAt, now)) : ''
}
