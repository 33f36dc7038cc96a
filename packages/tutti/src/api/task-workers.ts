import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { wire } from './values.ts'

export const taskWorkers = {
  list: endpoint({
    method: 'POST',
    path: '/task_workers/filter',
    summary: 'Processes that serve background tasks now.',
    body: z.object({ task_worker_filter: z.strictObject({ task_keys: z.array(z.string()) }).nullish() }).default({}),
    output: z.array(
      z.object({ identifier: z.string(), task_keys: z.array(z.string()), timestamp: wire.time }).meta({ id: 'TaskWorkerResponse' }),
    ),
  }),
}
