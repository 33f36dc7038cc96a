import { z } from 'zod'
import { JsonText } from '../core/literal-json.ts'
import type { Rerun } from '../core/orchestrator.ts'
import { RESULTS_MAX } from '../core/rerun.ts'
import type { RerunPlan, RerunRequest } from '../core/rerun.ts'
import { endpoint } from './endpoint.ts'
import { parameters } from './flow-runs.ts'
import { idParams } from './shapes.ts'
import { json, wire } from './values.ts'

/** Task runs that a plan names, of each kind; all are counted. */
const NAMED_MAX = 500

const task = z.object({ task_run_id: wire.uuid, name: z.string(), task_key: z.string() })

const planWire = z
  .object({
    reused_count: z.int().min(0),
    again_count: z.int().min(0),
    reused: z.array(task.extend({ supplied: z.boolean() })),
    again: z.array(task.extend({ because: z.string() })),
  })
  .meta({ id: 'RerunPlan' })

const rerunWire = z.object({ flow_run_id: wire.uuid, flow_run_name: z.string(), is_new: z.boolean(), plan: planWire }).meta({ id: 'Rerun' })

export function planToWire({ reused, again }: RerunPlan): z.input<typeof planWire> {
  return {
    reused_count: reused.length,
    again_count: again.length,
    reused: reused.slice(0, NAMED_MAX).map(({ supplied, ...rest }) => ({ ...taskToWire(rest), supplied })),
    again: again.slice(0, NAMED_MAX).map(({ because, ...rest }) => ({ ...taskToWire(rest), because })),
  }
}

function taskToWire({ taskRunId, name, taskKey }: Omit<RerunPlan['again'][number], 'because'>): z.input<typeof task> {
  return { task_run_id: taskRunId, name, task_key: taskKey }
}

export function rerunToWire({ run, plan }: Rerun): z.input<typeof rerunWire> {
  return { flow_run_id: run.id, flow_run_name: run.name, is_new: plan.how === 'new run', plan: planToWire(plan) }
}

const name = z.string().min(1).max(1_000)

const rerunBody = z
  .strictObject({
    from: name.nullish(),
    parameters: parameters.nullish(),
    results: z.record(z.string(), json).nullish(),
    code: z.enum(['same', 'newest']).default('same'),
    name: name.nullish(),
    in_place: z.boolean().default(false),
  })
  .refine(({ results }) => Object.keys(results ?? {}).length <= RESULTS_MAX, { message: `at most ${RESULTS_MAX} results can be supplied` })
  .default({ code: 'same', in_place: false })

export function rerunRequestOf(body: z.output<typeof rerunBody>): RerunRequest {
  return {
    from: body.from ?? null,
    parameters: body.parameters === null || body.parameters === undefined ? null : { type: 'merge', text: body.parameters.text },
    results: Object.entries(body.results ?? {}).map(([key, value]) => ({ task: key, stored: { format: 'json', text: textOf(value) } })),
    code: body.code,
    id: null,
    name: body.name ?? null,
    how: body.in_place ? 'retry' : 'new run',
  }
}

function textOf(value: unknown): string {
  return value instanceof JsonText ? value.text : JSON.stringify(value)
}

export const reruns = {
  planRerun: endpoint({
    method: 'POST',
    path: '/flow_runs/{id}/rerun/plan',
    summary: 'What running a flow run again would reuse, and what would run again; changes nothing.',
    params: idParams,
    body: rerunBody,
    output: planWire,
    errors: ['FLOW_RUN_NOT_FOUND', 'RERUN_REFUSED'],
  }),
  rerun: endpoint({
    method: 'POST',
    path: '/flow_runs/{id}/rerun',
    summary: 'Runs a flow run again from one of its tasks, with other parameters or with a result that is supplied.',
    params: idParams,
    body: rerunBody,
    output: rerunWire,
    errors: ['FLOW_RUN_NOT_FOUND', 'RERUN_REFUSED', 'INVALID_PARAMETERS', 'TRANSITION_REJECTED'],
  }),
}
