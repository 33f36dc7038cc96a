import type { Input } from '../../api/endpoint.ts'
import { numberedPart, pageOf } from '../../api/page.ts'
import { dueRunToWire, poolSlotsToWire, workPools, workPoolToWire } from '../../api/work-pools.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import type { PoolFilter, WorkPoolChanges } from '../../core/work-pool-operations.ts'
import type { Mount } from '../mount.ts'

const ALL: PoolFilter = { join: 'and' }

export function mountWorkPools(mount: Mount, { workPools: door }: ServerOrchestrator, clock: Clock): void {
  mount(workPools.create, async ({ body }) =>
    workPoolToWire(
      await door.create({
        name: body.name,
        description: body.description ?? null,
        type: body.type,
        baseJobTemplate: body.base_job_template,
        isPaused: body.is_paused,
        concurrencyLimit: body.concurrency_limit ?? null,
        storage: body.storage_configuration,
      }),
    ),
  )
  mount(workPools.read, async ({ params }) => workPoolToWire(await door.read(params.name)))
  mount(workPools.list, async ({ body }) => (await door.list(body.work_pools ?? ALL, pageOf(body))).map(workPoolToWire))
  mount(workPools.count, ({ body }) => door.count(body.work_pools ?? ALL))
  mount(workPools.update, ({ params, body }) => door.update(params.name, changesOf(body)))
  mount(workPools.remove, ({ params }) => door.remove(params.name))
  mount(workPools.slots, async ({ params, body }) => {
    const part = numberedPart(body)
    const slots = await door.slots(params.name, { ...part, runsMax: body.flow_run_limit })
    return poolSlotsToWire(slots, { page: body.page, limit: part.limit, now: clock.now() })
  })
  mount(workPools.due, async ({ params, body }) => {
    const names = body.work_queue_names ?? []
    const runs = await door.due(params.name, {
      ...(names.length === 0 ? undefined : { queues: names }),
      before: body.scheduled_before ?? null,
      after: body.scheduled_after ?? null,
      limit: pageOf({ limit: body.limit, offset: 0 }).limit,
    })
    return runs.map((run) => dueRunToWire(run, clock.now()))
  })
}

/** Only a limit and a description can be taken away by a null. */
function changesOf(body: Input<typeof workPools.update>['body']): WorkPoolChanges {
  const {
    description,
    is_paused: isPaused,
    base_job_template: baseJobTemplate,
    concurrency_limit: limit,
    storage_configuration: storage,
  } = body
  return {
    ...(description === undefined ? undefined : { description }),
    ...(isPaused === undefined || isPaused === null ? undefined : { isPaused }),
    ...(baseJobTemplate === undefined || baseJobTemplate === null ? undefined : { baseJobTemplate }),
    ...(limit === undefined ? undefined : { concurrencyLimit: limit }),
    ...(storage === undefined || storage === null ? undefined : { storage }),
  }
}
