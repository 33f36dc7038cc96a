import type { Input } from '../../api/endpoint.ts'
import { flowRunToWire } from '../../api/flow-runs.ts'
import { numberedPart, pageOf } from '../../api/page.ts'
import { healthToWire, poolQueues, queueSlotsToWire, workQueues, workQueueToWire } from '../../api/work-queues.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import { AGENT_POOL } from '../../core/work-pool.ts'
import type { NewWorkQueue, QueueFilter, WorkQueueChanges } from '../../core/work-pool-operations.ts'
import type { Mount } from '../mount.ts'

const ALL: QueueFilter = { join: 'and' }

export function mountWorkQueues(mount: Mount, { workQueues: door }: ServerOrchestrator, clock: Clock): void {
  mount(poolQueues.create, async ({ params, body }) => workQueueToWire(await door.create(params.work_pool_name, newQueue(body))))
  mount(poolQueues.read, async ({ params }) => workQueueToWire(await door.read(refOf(params))))
  mount(poolQueues.list, async ({ params, body }) =>
    (await door.list(params.work_pool_name, body.work_queues ?? ALL, pageOf(body))).map(workQueueToWire),
  )
  mount(poolQueues.update, ({ params, body }) => door.update(refOf(params), changesOf(body)))
  mount(poolQueues.remove, ({ params }) => door.remove(refOf(params)))

  mount(workQueues.create, async ({ body }) => workQueueToWire(await door.create(null, newQueue(body))))
  mount(workQueues.read, async ({ params: { id } }) => workQueueToWire(await door.read({ id })))
  mount(workQueues.readByName, async ({ params: { name } }) => workQueueToWire(await door.read({ pool: AGENT_POOL, name })))
  mount(workQueues.list, async ({ body }) => (await door.list(null, body.work_queues ?? ALL, pageOf(body))).map(workQueueToWire))
  mount(workQueues.update, ({ params: { id }, body }) => door.update({ id }, changesOf(body)))
  mount(workQueues.remove, ({ params: { id } }) => door.remove({ id }))
  mount(workQueues.due, async ({ params, body, headers }) => {
    const { limit } = pageOf({ limit: body.limit, offset: 0 })
    const isPoll = headers.get('x-prefect-ui')?.toLowerCase() !== 'true'
    const runs = await door.due(params.id, { before: body.scheduled_before ?? null, limit, isPoll })
    return runs.map((run) => flowRunToWire(run, clock.now()))
  })
  mount(workQueues.slots, async ({ params, body }) => {
    const part = numberedPart(body)
    return queueSlotsToWire(await door.slots(params.id, part), { page: body.page, limit: part.limit, now: clock.now() })
  })
  mount(workQueues.health, async ({ params }) => healthToWire(await door.health(params.id)))
}

function refOf({ work_pool_name: pool, name }: { readonly work_pool_name: string; readonly name: string }) {
  return { pool, name }
}

function newQueue(body: Input<typeof poolQueues.create>['body']): NewWorkQueue {
  return {
    name: body.name,
    // A queue has a description, which may be empty; null is what was asked for.
    description: body.description === undefined ? '' : body.description,
    isPaused: body.is_paused,
    concurrencyLimit: body.concurrency_limit ?? null,
    priority: body.priority ?? null,
    filter: body.filter ?? null,
  }
}

function changesOf(body: Input<typeof poolQueues.update>['body']): WorkQueueChanges {
  const { name, description, is_paused: isPaused, concurrency_limit: limit, priority, last_polled: lastPolledAt, filter } = body
  return {
    ...(name === undefined || name === null ? undefined : { name }),
    ...(description === undefined ? undefined : { description }),
    ...(isPaused === undefined || isPaused === null ? undefined : { isPaused }),
    ...(limit === undefined ? undefined : { concurrencyLimit: limit }),
    ...(priority === undefined || priority === null ? undefined : { priority }),
    ...(lastPolledAt === undefined ? undefined : { lastPolledAt }),
    ...(filter === undefined ? undefined : { filter }),
  }
}
