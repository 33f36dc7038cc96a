import { elapsedMs } from '../../core/time.ts'
import { formatDuration } from '../../core/duration.ts'
import type { FlowRun } from '../../core/flow-run.ts'
import type { FlowRunQuery } from '../../core/query.ts'
import type { Instant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { ago, momentAt, parseMoment } from '../moment.ts'
import { cursorOption, LIMIT_DEFAULT, limitOption, stateOption } from '../options.ts'
import { paintState, printJson } from '../print.ts'
import { flowRunJson } from '../run-json.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'

export const list = defineCommand({
  arguments: {},
  options: {
    state: { ...stateOption, short: 's' },
    flow: { short: 'f', value: 'NAME', doc: 'Only runs of this flow' },
    tag: { short: 't', value: 'TAG', repeatable: true, doc: 'Only runs with this tag; given twice, with both' },
    name: { value: 'TEXT', doc: 'Only runs whose name contains this' },
    since: { value: 'TIME', parse: parseMoment, doc: 'Created since then: 30m, 2h, 7d, 2026-01-31 or 2026-01-31T10:00:00Z' },
    until: { value: 'TIME', parse: parseMoment, doc: 'Created before then, written like --since' },
    roots: { doc: 'Without sub-flow runs' },
    limit: limitOption,
    cursor: cursorOption,
    json: jsonOption,
  },
  examples: [
    { command: 'tutti flow-run ls --state failed --state crashed', doc: 'What went wrong' },
    { command: 'tutti flow-run ls --flow sync --since 7d', doc: 'Runs of one flow in the last week' },
  ],
  run: (world, { options }) =>
    withTutti(world, async ({ orchestrator }) => {
      const now = world.clock.now()
      const query: FlowRunQuery = {
        limit: options.limit ?? LIMIT_DEFAULT,
        ...(options.state.length > 0 && { states: options.state }),
        ...(options.flow !== undefined && { flowName: options.flow }),
        ...(options.tag.length > 0 && { tags: options.tag }),
        ...(options.name !== undefined && { nameContains: options.name }),
        ...(options.since !== undefined && { since: momentAt(options.since, now) }),
        ...(options.until !== undefined && { until: momentAt(options.until, now) }),
        ...(options.roots && { level: 'roots' as const }),
        ...(options.cursor !== undefined && { cursor: options.cursor }),
      }
      const page = await orchestrator.flowRuns.list(query)
      if (options.json) printJson(world.output, { items: page.items.map(flowRunJson), cursor: page.cursor })
      else printPage(world, page, columns(now), 'No flow runs. Run one with `tutti run flow.ts`.')
      return 0
    }),
})

function columns(now: Instant): readonly Column<FlowRun>[] {
  return [
    { title: 'STATE', cell: (run, to) => paintState(to, run.state) },
    { title: 'NAME', cell: (run) => run.name },
    { title: 'FLOW', cell: (run) => run.flowName },
    { title: 'CREATED', cell: (run) => ago(run.createdAt, now) },
    { title: 'TOOK', cell: (run) => runTime(run, now), align: 'right' },
    { title: 'ID', cell: (run) => run.id, whole: true },
  ]
}

/** Time spent running, up to now for a run that runs. */
export function runTime(run: FlowRun, now: Instant): string {
  const isRunning = run.state.type === 'running' || run.state.type === 'cancelling'
  const ms = run.totalRunMs + (isRunning ? elapsedMs(run.state.timestamp, now) : 0)
  return run.startedAt === null ? '' : formatDuration(ms)
}
