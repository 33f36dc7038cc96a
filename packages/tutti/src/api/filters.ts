// The protocol's filters: each object is a table of members and the operators they take, turned into conditions by one translation.
import { z } from 'zod'
import { ANYTHING } from '../core/condition.ts'
import type { Condition, ConditionNoun, Test } from '../core/condition.ts'
import { instant, integer, stateType, uuid } from './values.ts'

/** What a member of a filter object becomes; `undefined` asks for nothing. */
type Part = Condition | undefined

const id = uuid
const text = z.string()
/** How several operators of one object are joined. */
const operator = z.enum(['and_', 'or_']).nullish()

/** A member whose operators all speak of one field. */
export function member<Shape extends z.ZodRawShape>(shape: Shape, toParts: (given: z.output<z.ZodObject<Shape>>) => readonly Part[]) {
  return z.strictObject({ operator, ...shape }).transform((given): Part => {
    const { operator: how, ...rest } = given as { readonly operator?: 'and_' | 'or_' | null }
    const parts = toParts(rest as z.output<z.ZodObject<Shape>>) // the same object, strict
    const asked = parts.filter((part) => part !== undefined)
    return how === 'or_' && asked.length > 1 ? { type: 'any', of: asked } : all(asked)
  })
}

export function anyOf(field: string, value: z.ZodType<string> = text) {
  return member({ any_: z.array(value).nullish(), not_any_: z.array(value).nullish() }, ({ any_: wanted, not_any_: unwanted }) => [
    given(wanted, (values) => inList(field, values)),
    // An empty list forbids nothing.
    given(unwanted, (values) => (values.length === 0 ? undefined : not(inList(field, values)))),
  ])
}

/** A name: one of, or like. */
export function named(field: string) {
  return member({ any_: z.array(text).nullish(), like_: text.nullish() }, ({ any_: wanted, like_: like }) => [
    given(wanted, (values) => inList(field, values)),
    given(like, (part) => (part === '' ? undefined : test(field, { is: 'like', text: part }))),
  ])
}

function idOrNull(field: string) {
  return member({ any_: z.array(id).nullish(), is_null_: z.boolean().nullish() }, ({ any_: wanted, is_null_: isNull }) => [
    given(wanted, (values) => inList(field, values)),
    given(isNull, (value) => nullTest(field, value)),
  ])
}

export function tagged(field: string) {
  return member(
    { all_: z.array(text).nullish(), any_: z.array(text).nullish(), is_null_: z.boolean().nullish() },
    ({ all_: every, any_: some, is_null_: isNull }) => [
      given(every, (values) => (values.length === 0 ? undefined : test(field, { is: 'has-all', values }))),
      given(some, (values) => test(field, { is: 'has-any', values })),
      given(isNull, (value) => (value ? test(field, { is: 'empty' }) : not(test(field, { is: 'empty' })))),
    ],
  )
}

/** A time; `known` is the field that tells whether there is one. */
function moment(field: string, known = field) {
  return member(
    { before_: instant.nullish(), after_: instant.nullish(), is_null_: z.boolean().nullish() },
    ({ before_: before, after_: since, is_null_: isNull }) => [
      given(before, (value) => test(field, { is: 'at-most', value })),
      given(since, (value) => test(field, { is: 'at-least', value })),
      given(isNull, (value) => nullTest(known, value)),
    ],
  )
}

/** Type and name of the state, joined as they say. */
const state = joined({ type: anyOf('stateType', stateType), name: anyOf('stateName') })

/** A whole filter object: its members, and how they are joined. */
export function joined<Members extends Readonly<Record<string, z.ZodType<Part>>>>(members: Members) {
  const shape = Object.fromEntries(Object.entries(members).map(([name, each]) => [name, each.nullish()]))
  return z.strictObject({ operator, ...shape }).transform((filter): Condition => {
    const { operator: how, ...rest } = filter as { readonly operator?: 'and_' | 'or_' | null } & Readonly<Record<string, Part | null>> // of the members
    const parts = Object.values(rest).filter((part): part is Condition => part !== null && part !== undefined && !isAnything(part))
    if (parts.length === 0) return ANYTHING
    return { type: how === 'or_' ? 'any' : 'all', of: parts }
  })
}

const flowFilter = joined({
  id: anyOf('id', id),
  name: named('name'),
  tags: tagged('tags'),
  deployment: member({ is_null_: z.boolean().nullish() }, ({ is_null_: isNull }) => [
    given(isNull, (value) => {
      const some: Condition = { type: 'related', noun: 'deployments', where: ANYTHING }
      return value ? not(some) : some
    }),
  ]),
})

const flowRunFilter = joined({
  id: anyOf('id', id),
  name: named('name'),
  tags: tagged('tags'),
  deployment_id: idOrNull('deploymentId'),
  work_queue_name: member({ any_: z.array(text).nullish(), is_null_: z.boolean().nullish() }, ({ any_: wanted, is_null_: isNull }) => [
    given(wanted, (values) => ({ type: 'related', noun: 'work-queues', where: inList('name', values) })),
    given(isNull, (value) => nullTest('workQueueId', value)),
  ]),
  state,
  flow_version: member({ any_: z.array(text).nullish() }, ({ any_: wanted }) => [given(wanted, (values) => inList('version', values))]),
  start_time: moment('startedOrExpected', 'startedAt'),
  end_time: moment('endedAt'),
  expected_start_time: moment('expectedAt'),
  next_scheduled_start_time: moment('scheduledFor'),
  parent_flow_run_id: member({ any_: z.array(id).nullish() }, ({ any_: wanted }) => [
    given(wanted, (values) => ({ type: 'related', noun: 'parent-task-runs', where: inList('flowRunId', values) })),
  ]),
  parent_task_run_id: idOrNull('parentTaskRunId'),
  idempotency_key: anyOf('idempotencyKey'),
  created_by: member(
    { id_: z.array(id).nullish(), type_: z.array(text).nullish(), is_null_: z.boolean().nullish() },
    ({ id_: ids, type_: types, is_null_: isNull }) => [
      given(ids, (values) => inList('createdById', values)),
      given(types, (values) => inList('createdByType', values)),
      given(isNull, (value) => nullTest('createdByType', value)),
    ],
  ),
})

const taskRunFilter = joined({
  id: anyOf('id', id),
  name: named('name'),
  tags: tagged('tags'),
  state,
  start_time: moment('startedAt'),
  end_time: moment('endedAt'),
  expected_start_time: moment('expectedAt'),
  subflow_runs: member({ exists_: z.boolean().nullish() }, ({ exists_: exists }) => [
    given(exists, (value) => nullTest('childFlowRunId', !value)),
  ]),
  // A member that is there and names nothing asks for task runs of flow runs.
  flow_run_id: member({ any_: z.array(id).nullish(), is_null_: z.boolean().nullish() }, ({ any_: wanted, is_null_: isNull }) =>
    wanted === null || wanted === undefined ? [nullTest('flowRunId', isNull ?? false)] : [inList('flowRunId', wanted)],
  ),
})

const deploymentFilter = joined({
  id: anyOf('id', id),
  name: named('name'),
  flow_or_deployment_name: member({ like_: text.nullish() }, ({ like_: like }) => [
    given(like, (part) => {
      if (part === '') return undefined
      const byName = test('name', { is: 'like', text: part })
      return { type: 'any', of: [byName, { type: 'related', noun: 'flows', where: byName }] }
    }),
  ]),
  paused: member({ eq_: z.boolean().nullish() }, ({ eq_: is }) => [given(is, (value) => inList('paused', [value ? 1 : 0]))]),
  tags: tagged('tags'),
  work_queue_name: member({ any_: z.array(text).nullish() }, ({ any_: wanted }) => [
    given(wanted, (values) => ({ type: 'related', noun: 'work-queues', where: inList('name', values) })),
  ]),
  // Taken, and without effect: deployments are limited by limits of their own.
  concurrency_limit: z.unknown().transform((): Part => undefined),
})

const workPoolFilter = joined({
  id: anyOf('id', id),
  name: member({ any_: z.array(text).nullish() }, ({ any_: wanted }) => [given(wanted, (values) => inList('name', values))]),
  type: member({ any_: z.array(text).nullish() }, ({ any_: wanted }) => [given(wanted, (values) => inList('type', values))]),
})

const workQueueFilter = joined({
  id: anyOf('id', id),
  name: member({ any_: z.array(text).nullish(), startswith_: z.array(text).nullish() }, ({ any_: wanted, startswith_: starts }) => [
    given(wanted, (values) => inList('name', values)),
    given(starts, (values) => ({ type: 'any', of: values.map((value) => test('name', { is: 'prefix', text: value })) })),
  ]),
})

const TEXT_MAX = 200

export const logFilter = joined({
  level: member({ ge_: integer.nullish(), le_: integer.nullish() }, ({ ge_: least, le_: most }) => [
    given(least, (value) => test('level', { is: 'at-least', value })),
    given(most, (value) => test('level', { is: 'at-most', value })),
  ]),
  timestamp: moment('timestamp'),
  flow_run_id: member({ any_: z.array(id).nullish() }, ({ any_: wanted }) => [given(wanted, (values) => inList('flowRunId', values))]),
  task_run_id: idOrNull('taskRunId'),
  text: member({ query: z.string().max(TEXT_MAX) }, ({ query }) => [textCondition(query)]),
})

const QUERY_TERM = /([-!+]?)(?:"([^"]*)"|(\S+))/g

/** Bare terms are alternatives; `+` requires one, `-` and `!` forbid one; quotes hold a phrase together. */
function textCondition(query: string): Part {
  const some: Condition[] = []
  const must: Condition[] = []
  for (const [, sign, phrase, word] of query.matchAll(QUERY_TERM)) {
    const term = phrase ?? word ?? ''
    if (term === '') continue
    const contains = test('text', { is: 'contains', text: term })
    if (sign === '') some.push(contains)
    else must.push(sign === '+' ? contains : not(contains))
  }
  if (some.length > 0) must.push({ type: 'any', of: some })
  return all(must)
}

/* ── bodies ─────────────────────────────────────────────────────────────────────────────────────── */

/** The filters that a body may join, and the noun each speaks of. */
const JOINED = {
  flows: { noun: 'flows', filter: flowFilter },
  flow_runs: { noun: 'flow-runs', filter: flowRunFilter },
  task_runs: { noun: 'task-runs', filter: taskRunFilter },
  deployments: { noun: 'deployments', filter: deploymentFilter },
  work_pools: { noun: 'work-pools', filter: workPoolFilter },
  work_pool_queues: { noun: 'work-queues', filter: workQueueFilter },
  work_queues: { noun: 'work-queues', filter: workQueueFilter },
} as const satisfies Readonly<Record<string, { readonly noun: ConditionNoun; readonly filter: z.ZodType<Condition> }>>

export type JoinedKey = keyof typeof JOINED

/** The members of a body that joins filters; each may be absent or null. */
export function joinedShape<Key extends JoinedKey>(...keys: readonly Key[]) {
  return Object.fromEntries(keys.map((key) => [key, JOINED[key].filter.nullish()])) as {
    readonly [K in Key]: z.ZodOptional<z.ZodNullable<(typeof JOINED)[K]['filter']>>
  } // of these keys
}

/** All of a body's filters as one condition on the noun that is listed. */
export function joinedCondition(noun: ConditionNoun, body: Readonly<Partial<Record<JoinedKey, Condition | null | undefined>>>): Condition {
  const parts: Condition[] = []
  for (const [key, { noun: about }] of Object.entries(JOINED)) {
    const where = body[key as JoinedKey]
    if (where === null || where === undefined || isAnything(where)) continue
    parts.push(about === noun ? where : { type: 'related', noun: about, where })
  }
  return { type: 'all', of: parts }
}

/* ── conditions ─────────────────────────────────────────────────────────────────────────────────── */

export function given<T>(value: T | null | undefined, toPart: (value: T) => Part): Part {
  return value === null || value === undefined ? undefined : toPart(value)
}

function all(parts: readonly Part[]): Part {
  const known = parts.filter((part): part is Condition => part !== undefined)
  return known.length === 1 ? known[0] : known.length === 0 ? undefined : { type: 'all', of: known }
}

export function test(field: string, what: Test): Condition {
  return { type: 'field', field, test: what }
}

function not(of: Condition): Condition {
  return { type: 'not', of }
}

export function inList(field: string, values: readonly (string | number)[]): Condition {
  return test(field, { is: 'in', values })
}

export function nullTest(field: string, isNull: boolean): Condition {
  const condition = test(field, { is: 'null' })
  return isNull ? condition : not(condition)
}

function isAnything(condition: Condition): boolean {
  return condition.type === 'all' && condition.of.length === 0
}
