import { verdictToWire } from '../../api/states.ts'
import { EMPTY_OBJECT, taskRuns, taskRunStateToWire, taskRunToWire } from '../../api/task-runs.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import { NOTHING_TOLD } from '../../core/task-run-proposal.ts'
import type { Clock } from '../../core/time.ts'
import type { Mount } from '../mount.ts'
import { createdOr } from '../reply.ts'

export function mountTaskRuns(mount: Mount, { taskRuns: door }: ServerOrchestrator, clock: Clock): void {
  mount(taskRuns.create, async ({ body }) => {
    const { run, isNew } = await door.create({
      ...(body.id === null || body.id === undefined ? undefined : { id: body.id }),
      ...(body.name === null || body.name === undefined ? undefined : { name: body.name }),
      flowRunId: body.flow_run_id ?? null,
      taskKey: body.task_key,
      dynamicKey: body.dynamic_key,
      cacheKey: body.cache_key ?? null,
      cacheExpiration: body.cache_expiration ?? null,
      taskVersion: body.task_version ?? null,
      policy: body.empirical_policy ?? NOTHING_TOLD.policy,
      tags: body.tags ?? [],
      labels: body.labels ?? EMPTY_OBJECT,
      taskInputs: body.task_inputs ?? EMPTY_OBJECT,
      ...(body.state === null || body.state === undefined ? undefined : { state: body.state }),
    })
    return createdOr(isNew, taskRunToWire(run, clock.now()))
  })

  mount(taskRuns.read, async ({ params }) => taskRunToWire(await door.get(params.id), clock.now()))

  mount(taskRuns.update, async ({ params, body }) => {
    if (body.name === undefined) await door.get(params.id)
    else await door.rename(params.id, body.name)
  })

  mount(taskRuns.remove, ({ params }) => door.remove(params.id))

  mount(taskRuns.setState, async ({ params, body }) => {
    const { verdict, state, isNew, run } = await door.propose(params.id, body.state, { forced: body.force })
    return createdOr(isNew, verdictToWire(verdict, taskRunStateToWire(run, state)))
  })
}
