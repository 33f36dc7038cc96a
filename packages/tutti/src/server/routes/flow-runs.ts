import { explanations, explanationToWire } from '../../api/explanations.ts'
import { flowRuns, flowRunToWire } from '../../api/flow-runs.ts'
import { planToWire, rerunRequestOf, reruns, rerunToWire } from '../../api/reruns.ts'
import { stateToWire, verdictToWire } from '../../api/states.ts'
import type { FlowRunPolicy } from '../../core/flow-run.ts'
import { JsonText } from '../../core/literal-json.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import { abilitiesOf } from '../client-abilities.ts'
import type { Mount } from '../mount.ts'
import { createdOr, Reply } from '../reply.ts'

const NO_POLICY: FlowRunPolicy = { retries: 0, crashRestarts: 0 }
const EMPTY = new JsonText('{}')

export function mountFlowRuns(mount: Mount, { flowRuns: door }: ServerOrchestrator, clock: Clock): void {
  mount(flowRuns.create, async ({ body }) => {
    const { view, isNew } = await door.create({
      flowId: body.flow_id,
      ...(body.name === null || body.name === undefined ? undefined : { name: body.name }),
      flowVersion: body.flow_version ?? null,
      parameters: body.parameters ?? EMPTY,
      context: body.context ?? EMPTY,
      parentTaskRunId: body.parent_task_run_id ?? null,
      policy: body.empirical_policy ?? NO_POLICY,
      tags: body.tags ?? [],
      labels: body.labels ?? EMPTY,
      idempotencyKey: body.idempotency_key ?? null,
      workQueueId: null,
      ...(body.work_pool_name === null || body.work_pool_name === undefined
        ? undefined
        : { workPool: { name: body.work_pool_name, queueName: body.work_queue_name ?? null } }),
      jobVariables: body.job_variables ?? null,
      infrastructureDocumentId: body.infrastructure_document_id ?? null,
      deployment:
        body.deployment_id === null || body.deployment_id === undefined ? null : { id: body.deployment_id, version: null, labels: EMPTY },
      autoScheduled: false,
      createdBy: null,
      ...(body.state === null || body.state === undefined ? undefined : { state: body.state }),
    })
    return createdOr(isNew, flowRunToWire(view, clock.now()))
  })

  mount(flowRuns.read, async ({ params }) => flowRunToWire(await door.read(params.id), clock.now()))

  mount(flowRuns.update, async ({ params, body }) => {
    await door.update(params.id, {
      ...(body.name === undefined || body.name === null ? undefined : { name: body.name }),
      ...(body.flow_version === undefined ? undefined : { flowVersion: body.flow_version }),
      ...(body.parameters === undefined ? undefined : { parameters: body.parameters }),
      ...(body.empirical_policy === undefined ? undefined : { policy: body.empirical_policy }),
      ...(body.tags === undefined ? undefined : { tags: body.tags }),
      ...(body.infrastructure_pid === undefined ? undefined : { infrastructurePid: body.infrastructure_pid }),
      ...(body.job_variables === undefined ? undefined : { jobVariables: body.job_variables }),
    })
  })

  mount(explanations.explain, async ({ params }) => explanationToWire(await door.explain(params.id)))
  mount(reruns.planRerun, async ({ params, body }) => planToWire(await door.planRerun(params.id, rerunRequestOf(body))))
  mount(reruns.rerun, async ({ params, body }) => rerunToWire(await door.rerun(params.id, rerunRequestOf(body))))
  mount(flowRuns.addLabels, ({ params, body }) => door.addLabels(params.id, body))
  mount(flowRuns.remove, ({ params }) => door.remove(params.id))

  mount(flowRuns.resume, async ({ params, body, client }) => {
    const { verdict, run, isNew, isInputWrong } = await door.resumePaused(params.id, body.run_input ?? null, abilitiesOf(client))
    const state = run === null ? null : stateToWire(run.state, { flowRunId: run.id, taskRunId: run.parentTaskRunId })
    if (isInputWrong === true && verdict.type === 'reject')
      return new Reply(200, { state, status: 'REJECT' as const, details: { type: 'abort_details' as const, reason: verdict.reason } })
    return createdOr(isNew, verdictToWire(verdict, state))
  })

  mount(flowRuns.setState, async ({ params, body, client }) => {
    const mode = body.force ? 'forced' : 'ordinary'
    const { verdict, state, isNew, run } = await door.propose(params.id, body.state, { mode, client: abilitiesOf(client) })
    return createdOr(isNew, verdictToWire(verdict, stateToWire(state, { flowRunId: run.id, taskRunId: run.parentTaskRunId })))
  })
}
