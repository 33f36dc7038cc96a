// Flow runs as the dashboard lists them and acts on many of them, beside the protocol.
import { z } from 'zod'
import { BULK_ACTIONS, BULK_BATCH_MAX } from '../core/bulk-action.ts'
import type { BulkDone, BulkPlan } from '../core/bulk-action.ts'
import { RUN_SORTS } from '../core/run-page.ts'
import type { RunFilter, RunPage } from '../core/run-page.ts'
import type { Instant } from '../core/time.ts'
import { endpoint } from './endpoint.ts'
import { joinedCondition, joinedShape } from './filters.ts'
import { flowRunToWire, flowRunWire } from './flow-runs.ts'
import { optionalBody } from './lists.ts'
import { PAGE_MAX } from './page.ts'
import { count } from './shapes.ts'
import { instant, integerBetween, stateTypeText, timeText, wire } from './values.ts'

const TEXT_MAX = 200

const filters = {
  ...joinedShape('flows', 'flow_runs', 'task_runs', 'deployments', 'work_pools', 'work_pool_queues'),
  /** Text in the parameters of the run. */
  parameters: z.strictObject({ like_: z.string().min(1).max(TEXT_MAX) }).nullish(),
}

type Filters = { readonly parameters?: { readonly like_: string } | null | undefined } & Parameters<typeof joinedCondition>[1]

export function runFilterOf({ parameters, ...joined }: Filters): RunFilter {
  return { where: joinedCondition('flow-runs', joined), parametersText: parameters?.like_ ?? null }
}

const cursor = z.string().nullable()

const names = z.record(z.string(), z.string())

const pageWire = z
  .object({
    items: z.array(flowRunWire),
    /** By id, of what the items are of: nobody has to ask for them. */
    names: z.object({ flows: names, deployments: names }),
    cursor,
    prev_cursor: cursor,
    sampled: z.boolean(),
  })
  .meta({ id: 'FlowRunPage' })

export function runPageToWire(
  { items, deploymentNames, cursor: next, prevCursor, isSampled }: RunPage,
  now: Instant,
): z.input<typeof pageWire> {
  return {
    items: items.map((view) => flowRunToWire(view, now)),
    names: {
      flows: Object.fromEntries(items.map(({ run }) => [run.flowId, run.flowName])),
      deployments: Object.fromEntries(deploymentNames),
    },
    cursor: next,
    prev_cursor: prevCursor,
    sampled: isSampled,
  }
}

const action = z.enum(BULK_ACTIONS)

const planWire = z
  .object({
    action,
    up_to: wire.time,
    states: z.array(z.object({ state_type: wire.stateType, count, touched: z.boolean(), why_not: z.string().nullable() })),
    touched: count,
    untouched: count,
    more: z.boolean(),
  })
  .meta({ id: 'BulkPlan' })

export function planToWire({ action: what, upTo, states, touched, untouched, hasMore }: BulkPlan): z.input<typeof planWire> {
  return {
    action: what,
    up_to: timeText(upTo),
    states: states.map(({ stateType, runs, leftAloneBecause: why }) => ({
      state_type: stateTypeText(stateType),
      count: runs,
      touched: why === null,
      why_not: why,
    })),
    touched,
    untouched,
    more: hasMore,
  }
}

const doneWire = z
  .object({
    done: count,
    total_done: count,
    refused: z.array(z.object({ flow_run_id: wire.uuid, name: z.string(), reason: z.string() })),
    cursor,
  })
  .meta({ id: 'BulkDone' })

export function doneToWire({ done, doneInAll, refused, cursor: next }: BulkDone): z.input<typeof doneWire> {
  return {
    done,
    total_done: doneInAll,
    refused: refused.map(({ flowRunId, name, reason }) => ({ flow_run_id: flowRunId, name, reason })),
    cursor: next,
  }
}

export const runPages = {
  page: endpoint({
    method: 'POST',
    path: '/flow_runs/page',
    summary: 'Flow runs that meet conditions, page by page from a cursor on, in either direction.',
    body: optionalBody({
      ...filters,
      sort: z.enum(RUN_SORTS).default('NEWEST'),
      limit: z.preprocess((value) => value ?? 50, integerBetween(1, PAGE_MAX)),
      cursor: z.string().nullish(),
    }),
    output: pageWire,
    errors: ['INVALID_CURSOR'],
  }),
  planBulk: endpoint({
    method: 'POST',
    path: '/flow_runs/bulk/plan',
    summary: 'How many flow runs an action would touch, by state, and which it would leave alone and why.',
    body: z.object({ action, ...filters }),
    output: planWire,
  }),
  bulk: endpoint({
    method: 'POST',
    path: '/flow_runs/bulk',
    summary: 'Cancels, retries, deletes, pauses or resumes flow runs that meet conditions, some in each request.',
    body: z.object({
      action,
      ...filters,
      up_to: instant,
      expected_count: integerBetween(0, Number.MAX_SAFE_INTEGER).nullish(),
      limit: z.preprocess((value) => value ?? 50, integerBetween(1, BULK_BATCH_MAX)),
      cursor: z.string().nullish(),
    }),
    output: doneWire,
    errors: ['INVALID_CURSOR'],
  }),
}
