import type { FlowSummary } from '../../core/orchestrator.ts'
import { formatInstant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { ago } from '../moment.ts'
import { cursorOption, LIMIT_DEFAULT, limitOption } from '../options.ts'
import { paintState, printJson } from '../print.ts'
import { stateJson } from '../run-json.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'

export const list = defineCommand({
  arguments: {},
  options: { limit: limitOption, cursor: cursorOption, json: jsonOption },
  examples: [],
  run: (world, { options }) =>
    withTutti(world, async ({ orchestrator }) => {
      const page = await orchestrator.flows.list({
        limit: options.limit ?? LIMIT_DEFAULT,
        ...(options.cursor !== undefined && { cursor: options.cursor }),
      })
      if (options.json) printJson(world.output, { items: page.items.map(flowJson), cursor: page.cursor })
      else printPage(world, page, columns(world.clock.now()), 'No flows have run yet. Run one with `tutti run flow.ts`.')
      return 0
    }),
})

function flowJson({ id, name, createdAt, runs, lastRun }: FlowSummary): object {
  return {
    id,
    name,
    createdAt: formatInstant(createdAt),
    runs,
    lastRun: lastRun === null ? null : { id: lastRun.id, name: lastRun.name, state: stateJson(lastRun.state) },
  }
}

function columns(now: Instant): readonly Column<FlowSummary>[] {
  return [
    { title: 'FLOW', cell: (flow) => flow.name },
    { title: 'RUNS', cell: (flow) => String(flow.runs), align: 'right' },
    { title: 'LAST', cell: ({ lastRun }, to) => (lastRun === null ? '' : paintState(to, lastRun.state)) },
    { title: 'SINCE', cell: ({ lastRun }) => (lastRun === null ? '' : ago(lastRun.state.timestamp, now)) },
    { title: 'LAST RUN', cell: ({ lastRun }) => lastRun?.name ?? '' },
  ]
}
