import { flowRunLogs, foundToWire, linesToWire, logSearch, searchedToWire } from '../../api/log-pages.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountLogPages(mount: Mount, { logPages: door }: ServerOrchestrator): void {
  mount(flowRunLogs.logLines, async ({ params, query }) => linesToWire(await door.lines({ flowRunId: params.id, ...query })))

  mount(flowRunLogs.findInLog, async ({ params, query: { text, limit, level = null, task_run_id: taskRunId = null, cursor = null } }) =>
    foundToWire(await door.find({ flowRunId: params.id, text, limit, levelMin: level, taskRunId, cursor })),
  )

  mount(logSearch.search, async ({ body }) =>
    searchedToWire(
      await door.search({
        text: body.text ?? null,
        levelMin: body.level ?? null,
        after: body.after ?? null,
        before: body.before ?? null,
        flowRunIds: body.flow_run_ids,
        flowIds: body.flow_ids,
        deploymentIds: body.deployment_ids,
        order: body.sort === 'TIMESTAMP_ASC' ? 'oldest' : 'newest',
        limit: body.limit,
        cursor: body.cursor ?? null,
      }),
    ),
  )
}
