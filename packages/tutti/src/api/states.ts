import { z } from 'zod'
import { JsonText } from '../core/literal-json.ts'
import type { Proposal, Verdict } from '../core/proposal.ts'
import { scheduledTimeOf } from '../core/proposal.ts'
import type { StateDetails } from '../core/state-details.ts'
import { defaultStateName } from '../core/state.ts'
import { ACTOR_KINDS } from '../core/actor.ts'
import type { State } from '../core/state.ts'
import { instant, jsonOf, stateType, stateTypeText, timeText, uuid, wire } from './values.ts'

/* ── in ─────────────────────────────────────────────────────────────────────────────────────────── */

const stateDetailsIn = z.object({
  child_flow_run_id: uuid.nullish(),
  scheduled_time: instant.nullish(),
  cache_key: z.string().nullish(),
  cache_expiration: instant.nullish(),
  deferred: z.boolean().nullish(),
  untrackable_result: z.boolean().nullish(),
  pause_timeout: instant.nullish(),
  pause_reschedule: z.boolean().nullish(),
  pause_key: z.string().nullish(),
  run_input_keyset: z.record(z.string(), z.string()).nullish(),
  refresh_cache: z.boolean().nullish(),
  retriable: z.boolean().nullish(),
  transition_id: uuid.nullish(),
  task_parameters_id: uuid.nullish(),
  traceparent: z.string().nullish(),
  deployment_concurrency_lease_id: uuid.nullish(),
})

const stateMembers = {
  type: stateType,
  name: z.string().nullish(),
  message: z.string().nullish(),
  data: z.unknown().optional(),
  state_details: stateDetailsIn.optional(),
}

/** A state as a client proposes it; the server gives it an id and a time. */
export const stateCreate = z
  // Some clients send what only the server decides.
  .strictObject({ ...stateMembers, id: z.unknown().optional(), timestamp: z.unknown().optional(), tutti_actor: z.unknown().optional() })
  .transform(proposalFrom)
  .meta({ id: 'StateCreate' })

/** A state that a client tells of. What a later client says beyond it is passed over: the state counts. */
export const stateTold = z.object(stateMembers).transform(proposalFrom)

function proposalFrom({ type, name, message, data, state_details: details }: z.output<z.ZodObject<typeof stateMembers>>): Proposal {
  const scheduledFor = details?.scheduled_time ?? undefined
  return {
    type,
    name: name ?? defaultStateName(type),
    message: message ?? null,
    details: details === undefined ? {} : detailsFromWire(details),
    ...(data === undefined || data === null ? undefined : { data: JsonText.of(data) }),
    ...(scheduledFor === undefined ? undefined : { scheduledFor }),
  }
}

/** Only what says something is kept: most of it is null or the default. */
function detailsFromWire(details: z.output<typeof stateDetailsIn>): StateDetails {
  const kept = {
    childFlowRunId: details.child_flow_run_id,
    cacheKey: details.cache_key,
    cacheExpiration: details.cache_expiration,
    deferred: details.deferred,
    untrackableResult: details.untrackable_result === true ? true : null,
    pauseTimeout: details.pause_timeout,
    pauseReschedule: details.pause_reschedule === true ? true : null,
    pauseKey: details.pause_key,
    runInputKeyset: details.run_input_keyset,
    refreshCache: details.refresh_cache,
    retriable: details.retriable,
    transitionId: details.transition_id,
    taskParametersId: details.task_parameters_id,
    traceparent: details.traceparent,
    deploymentConcurrencyLeaseId: details.deployment_concurrency_lease_id,
  }
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null && value !== undefined)) as StateDetails // the keys above
}

/* ── out ────────────────────────────────────────────────────────────────────────────────────────── */

const id = wire.uuid.nullable()
const time = wire.time.nullable()

export const stateWire = z
  .object({
    id: wire.uuid,
    type: wire.stateType,
    name: z.string().nullable(),
    timestamp: wire.time,
    message: z.string().nullable(),
    data: wire.json,
    state_details: z
      .object({
        flow_run_id: id,
        task_run_id: id,
        child_flow_run_id: id,
        scheduled_time: time,
        cache_key: z.string().nullable(),
        cache_expiration: time,
        deferred: z.boolean().nullable(),
        untrackable_result: z.boolean(),
        pause_timeout: time,
        pause_reschedule: z.boolean(),
        pause_key: z.string().nullable(),
        run_input_keyset: z.record(z.string(), z.string()).nullable(),
        refresh_cache: z.boolean().nullable(),
        retriable: z.boolean().nullable(),
        transition_id: id,
        task_parameters_id: id,
        traceparent: z.string().nullable(),
        deployment_concurrency_lease_id: id,
      })
      .meta({ id: 'StateDetails' }),
    /** Who or what brought it about, in the history of a flow run; absent when that is not known. */
    tutti_actor: z.object({ kind: z.enum(ACTOR_KINDS), name: z.string() }).optional(),
  })
  .meta({ id: 'State' })

export type StateWire = z.output<typeof stateWire>

/** Which run a state belongs to. A sub-flow run's states also name the task run that stands for it in its parent. */
export interface StateOwner {
  readonly flowRunId: string | null
  readonly taskRunId: string | null
}

export function stateToWire(state: State, { flowRunId, taskRunId }: StateOwner): StateWire {
  const { details = {}, actor } = state
  return {
    id: state.id,
    type: stateTypeText(state.type),
    name: state.name,
    timestamp: timeText(state.timestamp),
    message: state.message,
    data: jsonOf(state.data),
    state_details: {
      flow_run_id: flowRunId,
      task_run_id: taskRunId,
      child_flow_run_id: details.childFlowRunId ?? null,
      scheduled_time: timeText(scheduledTimeOf(state)),
      cache_key: details.cacheKey ?? null,
      cache_expiration: timeText(details.cacheExpiration),
      deferred: details.deferred ?? false,
      untrackable_result: details.untrackableResult ?? false,
      pause_timeout: timeText(details.pauseTimeout),
      pause_reschedule: details.pauseReschedule ?? false,
      pause_key: details.pauseKey ?? null,
      run_input_keyset: details.runInputKeyset === undefined ? null : { ...details.runInputKeyset },
      refresh_cache: details.refreshCache ?? null,
      retriable: details.retriable ?? null,
      transition_id: details.transitionId ?? null,
      task_parameters_id: details.taskParametersId ?? null,
      traceparent: details.traceparent ?? null,
      deployment_concurrency_lease_id: details.deploymentConcurrencyLeaseId ?? null,
    },
    ...(actor === undefined ? undefined : { tutti_actor: { kind: actor.kind, name: actor.name } }),
  }
}

/** How the protocol tells what became of a proposal. */
export const orchestrationResult = z
  .object({
    state: stateWire.nullable(),
    status: z.enum(['ACCEPT', 'REJECT', 'ABORT', 'WAIT']),
    details: z.union([
      z.object({ type: z.literal('accept_details') }),
      z.object({ type: z.literal('reject_details'), reason: z.string().nullable() }),
      z.object({ type: z.literal('abort_details'), reason: z.string().nullable() }),
      z.object({ type: z.literal('wait_details'), delay_seconds: z.int(), reason: z.string().nullable() }),
    ]),
  })
  .meta({ id: 'OrchestrationResult' })

export type OrchestrationResult = z.output<typeof orchestrationResult>

export function verdictToWire(verdict: Verdict, state: StateWire | null): OrchestrationResult {
  switch (verdict.type) {
    case 'accept':
      return { state, status: 'ACCEPT', details: { type: 'accept_details' } }
    case 'reject':
      return { state, status: 'REJECT', details: { type: 'reject_details', reason: verdict.reason } }
    case 'abort':
      return { state, status: 'ABORT', details: { type: 'abort_details', reason: verdict.reason } }
    case 'wait':
      return { state, status: 'WAIT', details: { type: 'wait_details', delay_seconds: verdict.delayS, reason: verdict.reason } }
  }
}

export const setStateBody = z.object({ state: stateCreate, force: z.boolean().default(false) })
