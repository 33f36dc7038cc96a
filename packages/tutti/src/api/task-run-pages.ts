// Task runs as the dashboard lists them, beside the protocol.
import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { joinedShape } from './filters.ts'
import { optionalBody } from './lists.ts'
import { PAGE_MAX } from './page.ts'
import { taskRunWire } from './task-runs.ts'
import { integerBetween } from './values.ts'

const pageWire = z.object({ items: z.array(taskRunWire), cursor: z.string().nullable() }).meta({ id: 'TaskRunPage' })

export const taskRunPages = {
  page: endpoint({
    method: 'POST',
    path: '/task_runs/page',
    summary: 'Task runs that meet conditions, newest first, page by page from a cursor on.',
    body: optionalBody({
      ...joinedShape('flows', 'flow_runs', 'task_runs', 'deployments'),
      limit: z.preprocess((value) => value ?? 50, integerBetween(1, PAGE_MAX)),
      cursor: z.string().nullish(),
    }),
    output: pageWire,
    errors: ['INVALID_CURSOR'],
  }),
}
