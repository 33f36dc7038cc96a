import {
  flowLists,
  flowRunLists,
  graphToWire,
  historyRequest,
  historyToWire,
  listingOf,
  logLists,
  numberedListingOf,
  pageOut,
  stateLists,
  taskRunLists,
} from '../../api/lists.ts'
import { joinedCondition } from '../../api/filters.ts'
import { flowRunToWire, estimatedRunS } from '../../api/flow-runs.ts'
import { flowToWire } from '../../api/flows.ts'
import { logToWire } from '../../api/logs.ts'
import { pageOf } from '../../api/page.ts'
import { stateToWire, verdictToWire } from '../../api/states.ts'
import { taskRunPages } from '../../api/task-run-pages.ts'
import { taskRunStateToWire, taskRunToWire } from '../../api/task-runs.ts'
import { timeText } from '../../api/values.ts'
import { ANYTHING } from '../../core/condition.ts'
import type { Condition } from '../../core/condition.ts'
import { TuttiError } from '../../core/errors.ts'
import { levelName } from '../../core/log.ts'
import type { LogRecord } from '../../core/log.ts'
import { inputsOf } from '../../core/run-graph.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import { abilitiesOf } from '../client-abilities.ts'
import type { Mount } from '../mount.ts'
import { Reply } from '../reply.ts'

export function mountFlowLists(mount: Mount, { flows, listings }: ServerOrchestrator): void {
  mount(flowLists.filter, async ({ body }) => (await listings.flows(listingOf('flows', body))).map(flowToWire))
  mount(flowLists.count, ({ body }) => listings.count('flows', joinedCondition('flows', body)))
  mount(flowLists.paginate, async ({ body }) => {
    const listing = numberedListingOf('flows', body)
    const items = (await listings.flows(listing)).map(flowToWire)
    return pageOut(items, await listings.count('flows', listing.where), listing, body.page)
  })
  mount(flowLists.bulkDelete, async ({ body }) => {
    const found = await listings.flows({ where: body.flows ?? ANYTHING, sort: 'NAME_ASC', limit: body.limit, offset: 0 })
    for (const { id } of found) await flows.remove(id)
    return { deleted: found.map(({ id }) => id) }
  })
}

export function mountFlowRunLists(mount: Mount, { flowRuns, listings, logs }: ServerOrchestrator, clock: Clock): void {
  mount(flowRunLists.filter, async ({ body }) => {
    const now = clock.now()
    return (await listings.flowRuns(listingOf('flow-runs', body))).map((view) => flowRunToWire(view, now))
  })
  mount(flowRunLists.count, ({ body }) => listings.count('flow-runs', joinedCondition('flow-runs', body)))
  mount(flowRunLists.paginate, async ({ body }) => {
    const now = clock.now()
    const listing = numberedListingOf('flow-runs', body)
    const items = (await listings.flowRuns(listing)).map((view) => flowRunToWire(view, now))
    return pageOut(items, await listings.count('flow-runs', listing.where), listing, body.page)
  })
  mount(flowRunLists.history, async ({ body }) => {
    const request = historyRequest(body)
    return historyToWire(request, await listings.flowRunHistory(joinedCondition('flow-runs', body), request))
  })
  mount(flowRunLists.lateness, ({ body }) => listings.lateness(joinedCondition('flow-runs', body)))

  mount(flowRunLists.bulkDelete, async ({ body }) => {
    const ids = await idsOf(body.flow_runs ?? ANYTHING, body.limit)
    for (const id of ids) await flowRuns.remove(id)
    return { deleted: [...ids] }
  })
  mount(flowRunLists.bulkSetState, async ({ body, client }) => {
    const results = []
    for (const id of await idsOf(body.flow_runs ?? ANYTHING, body.limit)) {
      // Each by itself: one that cannot be changed is told of, and leaves the others alone.
      const proposed = flowRuns.propose(id, body.state, { mode: body.force ? 'forced' : 'ordinary', client: abilitiesOf(client) })
      const { state, status, details } = await proposed.then(
        ({ verdict, state: now, run }) => verdictToWire(verdict, stateToWire(now, { flowRunId: run.id, taskRunId: run.parentTaskRunId })),
        (error: unknown) => verdictToWire({ type: 'abort', reason: error instanceof Error ? error.message : String(error) }, null),
      )
      results.push({ flow_run_id: id, status, state, details })
    }
    return { results }
  })

  mount(flowRunLists.graph2, async ({ params, query }) => graphToWire(await listings.graph(params.id), query.since))
  mount(flowRunLists.graph, async ({ params }) => {
    await flowRuns.get(params.id)
    const now = clock.now()
    const where = field('flowRunId', params.id)
    const tasks = await listings.taskRuns({ where, sort: 'EXPECTED_START_TIME_ASC', limit: GRAPH_TASKS_MAX, offset: 0 })
    return tasks.map((task) => {
      const shown = taskRunToWire(task, now)
      return {
        id: task.id,
        name: task.name,
        upstream_dependencies: inputsOf(task).parents.map((id) => ({ input_type: 'task_run', id })),
        state: shown.state,
        expected_start_time: shown.expected_start_time,
        start_time: shown.start_time,
        end_time: shown.end_time,
        total_run_time: shown.total_run_time,
        estimated_run_time: estimatedRunS({ totalRunMs: shown.total_run_time * 1000, state: task.state }, now),
        untrackable_result: task.state.details?.untrackableResult ?? false,
      }
    })
  })

  mount(flowRunLists.downloadLogs, async ({ params }) => {
    const run = await flowRuns.get(params.id)
    const lines = ['timestamp,level,flow_run_id,task_run_id,message']
    let cursor: string | null = null
    do {
      const page: { readonly items: readonly LogRecord[]; readonly cursor: string | null } = await logs.list({
        flowRunId: params.id,
        limit: LOG_PAGE,
        ...(cursor === null ? undefined : { cursor }),
      })
      for (const record of page.items) lines.push(csvLine(record))
      cursor = page.cursor
    } while (cursor !== null && lines.length < LOG_LINES_MAX)
    return new Reply(200, `${lines.join('\n')}\n`, {
      'Content-Disposition': `attachment; filename="${run.name.replaceAll(/[^\w.-]/g, '_')}-logs.csv"`,
    })
  })

  async function idsOf(where: Condition, limit: number): Promise<readonly string[]> {
    return (await listings.flowRuns({ where, sort: 'ID_DESC', limit, offset: 0 })).map(({ run }) => run.id)
  }
}

const GRAPH_TASKS_MAX = 10_000
const LOG_PAGE = 1_000
/** What one file of a log holds; a longer log is cut off there. */
const LOG_LINES_MAX = 1_000_000

function csvLine({ timestamp, level, flowRunId, taskRunId, message }: LogRecord): string {
  return [timeText(timestamp), levelName(level).toUpperCase(), flowRunId ?? '', taskRunId ?? '', message].map(csvCell).join(',')
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export function mountTaskRunLists(mount: Mount, { listings, taskRunPages: pages }: ServerOrchestrator, clock: Clock): void {
  mount(taskRunLists.filter, async ({ body }) => {
    const now = clock.now()
    return (await listings.taskRuns(listingOf('task-runs', body))).map((run) => taskRunToWire(run, now))
  })
  mount(taskRunPages.page, async ({ body: { limit, cursor = null, ...joined } }) => {
    const now = clock.now()
    const page = await pages.page({ where: joinedCondition('task-runs', joined), limit, cursor })
    return { items: page.items.map((run) => taskRunToWire(run, now)), cursor: page.cursor }
  })
  mount(taskRunLists.count, ({ body }) => listings.count('task-runs', joinedCondition('task-runs', body)))
  mount(taskRunLists.paginate, async ({ body }) => {
    const now = clock.now()
    const listing = numberedListingOf('task-runs', body)
    const items = (await listings.taskRuns(listing)).map((run) => taskRunToWire(run, now))
    return pageOut(items, await listings.count('task-runs', listing.where), listing, body.page)
  })
  mount(taskRunLists.history, async ({ body }) => {
    const request = historyRequest(body)
    return historyToWire(request, await listings.taskRunHistory(joinedCondition('task-runs', body), request))
  })
}

export function mountLogLists(mount: Mount, { listings }: ServerOrchestrator): void {
  mount(logLists.filter, async ({ body }) => {
    const found = await listings.logs({ where: body.logs ?? ANYTHING, sort: body.sort, ...pageOf(body) })
    return found.map(logToWire)
  })
}

export function mountStateLists(mount: Mount, { flowRuns, listings }: ServerOrchestrator): void {
  mount(stateLists.flowRunState, async ({ params }) => {
    const found = await listings.flowRunState(params.id)
    if (found === undefined) throw new TuttiError('NOT_FOUND', `there is no flow run state ${params.id}`)
    return stateToWire(found.state, { flowRunId: found.flowRunId, taskRunId: null })
  })
  mount(stateLists.flowRunStates, async ({ query: { flow_run_id: id } }) =>
    (await flowRuns.states(id)).map((state) => stateToWire(state, { flowRunId: id, taskRunId: null })),
  )
  mount(stateLists.taskRunState, async ({ params }) => {
    const found = await listings.taskRunState(params.id)
    if (found === undefined) throw new TuttiError('NOT_FOUND', `there is no task run state ${params.id}`)
    return taskRunStateToWire(found.run, found.state)
  })
  mount(stateLists.taskRunStates, async ({ query: { task_run_id: id } }) => {
    const found = await listings.taskRunStates(id)
    return found === undefined ? [] : found.states.map((state) => taskRunStateToWire(found.run, state))
  })
}

function field(name: string, value: string): Condition {
  return { type: 'field', field: name, test: { is: 'in', values: [value] } }
}
