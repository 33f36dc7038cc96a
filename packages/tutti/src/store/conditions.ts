// Conditions as SQL, once for every noun: which columns its fields are, and how its rows belong to those of others.
import { sql } from './kysely.ts'
import type { RawBuilder } from './kysely.ts'
import type { Condition, ConditionNoun, Test } from '../core/condition.ts'

type Sql = RawBuilder<unknown>

/** A field: a column, or what is made of several; or a list that lies in a table of its own or as JSON text in a column. */
type Field =
  | { readonly type: 'value'; readonly sql: Sql }
  | { readonly type: 'listed'; readonly table: string; readonly value: string; readonly owner: string }
  | { readonly type: 'json-list'; readonly column: string }

/** One step from a row to others: rows of `table` whose `there` is this row's `here`. */
interface Step {
  readonly here: string
  readonly table: string
  readonly there: string
}

interface Noun {
  readonly table: string
  readonly fields: Readonly<Record<string, Field>>
  readonly relations: Readonly<Partial<Record<ConditionNoun, readonly Step[]>>>
}

function column(name: string): Field {
  return { type: 'value', sql: sql.ref(name) }
}

const toFlow: Step = { here: 'flow_id', table: 'flows', there: 'id' }
const toFlowRun: Step = { here: 'flow_run_id', table: 'flow_runs', there: 'id' }
const toTaskRuns: Step = { here: 'id', table: 'task_runs', there: 'flow_run_id' }
const toQueue: Step = { here: 'work_queue_id', table: 'work_queues', there: 'id' }
const toPool: Step = { here: 'work_pool_id', table: 'work_pools', there: 'id' }
const toDeployment: Step = { here: 'deployment_id', table: 'deployments', there: 'id' }
const flowToRuns: Step = { here: 'id', table: 'flow_runs', there: 'flow_id' }
const flowToDeployments: Step = { here: 'id', table: 'deployments', there: 'flow_id' }
const deploymentToRuns: Step = { here: 'id', table: 'flow_runs', there: 'deployment_id' }

const state = { stateType: column('state_type'), stateName: column('state_name') }
const tagsInRow: Field = { type: 'json-list', column: 'tags' }

const toBlockType: Step = { here: 'block_type_id', table: 'block_types', there: 'id' }
const ofArtifact = {
  key: column('key'),
  type: column('type'),
  flowRunId: column('flow_run_id'),
  taskRunId: column('task_run_id'),
}
const artifactToOthers: Noun['relations'] = {
  'flow-runs': [toFlowRun],
  'task-runs': [{ here: 'task_run_id', table: 'task_runs', there: 'id' }],
  flows: [toFlowRun, toFlow],
  deployments: [toFlowRun, toDeployment],
}

export const nouns: Readonly<Record<ConditionNoun, Noun>> = {
  flows: {
    table: 'flows',
    fields: { id: column('id'), name: column('name'), tags: tagsInRow },
    relations: {
      'flow-runs': [flowToRuns],
      'task-runs': [flowToRuns, toTaskRuns],
      deployments: [flowToDeployments],
      'work-queues': [flowToDeployments, toQueue],
      'work-pools': [flowToDeployments, toQueue, toPool],
    },
  },
  'flow-runs': {
    table: 'flow_runs',
    fields: {
      id: column('id'),
      name: column('name'),
      tags: { type: 'listed', table: 'flow_run_tags', value: 'tag', owner: 'flow_run_id' },
      deploymentId: column('deployment_id'),
      workQueueId: column('work_queue_id'),
      ...state,
      version: column('version'),
      startedOrExpected: { type: 'value', sql: sql`coalesce(started_at, expected_at)` },
      startedAt: column('started_at'),
      endedAt: column('ended_at'),
      expectedAt: column('expected_at'),
      scheduledFor: column('scheduled_for'),
      parentTaskRunId: column('parent_task_run_id'),
      idempotencyKey: column('idempotency_key'),
      createdAt: column('created_at'),
      createdById: column('created_by_id'),
      createdByType: column('created_by_type'),
    },
    relations: {
      flows: [toFlow],
      'task-runs': [toTaskRuns],
      'parent-task-runs': [{ here: 'parent_task_run_id', table: 'task_runs', there: 'id' }],
      deployments: [toDeployment],
      'work-queues': [toQueue],
      'work-pools': [toQueue, toPool],
    },
  },
  'task-runs': {
    table: 'task_runs',
    fields: {
      id: column('id'),
      name: column('name'),
      tags: tagsInRow,
      ...state,
      startedAt: column('started_at'),
      endedAt: column('ended_at'),
      expectedAt: column('created_at'),
      childFlowRunId: column('child_flow_run_id'),
      flowRunId: column('flow_run_id'),
    },
    relations: {
      'flow-runs': [toFlowRun],
      flows: [toFlowRun, toFlow],
      deployments: [toFlowRun, toDeployment],
      'work-queues': [toFlowRun, toQueue],
      'work-pools': [toFlowRun, toQueue, toPool],
    },
  },
  deployments: {
    table: 'deployments',
    fields: { id: column('id'), name: column('name'), tags: tagsInRow, paused: column('paused') },
    relations: {
      flows: [toFlow],
      'flow-runs': [deploymentToRuns],
      'task-runs': [deploymentToRuns, toTaskRuns],
      'work-queues': [toQueue],
      'work-pools': [toQueue, toPool],
    },
  },
  'work-pools': { table: 'work_pools', fields: { id: column('id'), name: column('name'), type: column('type') }, relations: {} },
  'work-queues': { table: 'work_queues', fields: { id: column('id'), name: column('name') }, relations: { 'work-pools': [toPool] } },
  'parent-task-runs': { table: 'task_runs', fields: { flowRunId: column('flow_run_id') }, relations: {} },
  variables: { table: 'variables', fields: { id: column('id'), name: column('name'), tags: tagsInRow }, relations: {} },
  artifacts: { table: 'artifacts', fields: { id: column('id'), ...ofArtifact }, relations: artifactToOthers },
  'artifact-collections': {
    table: 'artifact_collections',
    fields: { latestId: column('latest_id'), ...ofArtifact },
    relations: artifactToOthers,
  },
  'block-types': {
    table: 'block_types',
    fields: { id: column('id'), name: column('name'), slug: column('slug') },
    relations: { 'block-schemas': [{ here: 'id', table: 'block_schemas', there: 'block_type_id' }] },
  },
  'block-schemas': {
    table: 'block_schemas',
    fields: {
      id: column('id'),
      blockTypeId: column('block_type_id'),
      version: column('version'),
      capabilities: { type: 'json-list', column: 'capabilities' },
    },
    relations: { 'block-types': [toBlockType] },
  },
  'block-documents': {
    table: 'block_documents',
    fields: {
      id: column('id'),
      name: column('name'),
      blockTypeId: column('block_type_id'),
      isAnonymous: column('is_anonymous'),
    },
    relations: {
      'block-types': [toBlockType],
      'block-schemas': [{ here: 'block_schema_id', table: 'block_schemas', there: 'id' }],
    },
  },
  logs: {
    table: 'logs',
    fields: {
      level: column('level'),
      timestamp: column('timestamp'),
      flowRunId: column('flow_run_id'),
      taskRunId: column('task_run_id'),
      text: { type: 'value', sql: sql`(message || ' ' || logger)` },
    },
    relations: {},
  },
}

/** Tables with rows that were put aside: lists do not have them. */
const HIDDEN: ReadonlySet<string> = new Set(['deployments'])

/** As `toSql`, for a list of the noun itself. */
export function listedSql(noun: ConditionNoun, condition: Condition): RawBuilder<boolean> {
  const wanted = toSql(noun, condition)
  return HIDDEN.has(nouns[noun].table) ? sql<boolean>`deleted_at is null and ${wanted}` : wanted
}

/** What must hold of a row of a noun's table, as SQL. Names of columns stand by themselves: each subquery reads one table. */
export function toSql(noun: ConditionNoun, condition: Condition): RawBuilder<boolean> {
  switch (condition.type) {
    case 'all':
      return joinAll(
        condition.of.map((each) => toSql(noun, each)),
        sql` and `,
        sql`1 = 1`,
      )
    case 'any':
      return joinAll(
        condition.of.map((each) => toSql(noun, each)),
        sql` or `,
        sql`1 = 0`,
      )
    case 'not':
      return isNull(condition.of)
        ? notNullSql(noun, condition.of)
        : // What cannot be told (a comparison with nothing) does not hold, so its opposite does.
          sql<boolean>`(${toSql(noun, condition.of)}) is not true`
    case 'field':
      return testSql(fieldOf(noun, condition.field), condition.test)
    case 'related': {
      const steps = nouns[noun].relations[condition.noun]
      if (steps === undefined) throw new Error(`${noun} do not belong to ${condition.noun}`)
      const ids = condition.noun === 'flows' && steps.length === 1 ? idsAsked(condition.where) : undefined
      // No run outlives its flow: by the ids that it names, an index of runs leads to those of a flow.
      if (ids !== undefined && steps[0]?.there === 'id') return valueSql(sql.ref(steps[0].here), ids)
      return relatedSql(steps, toSql(condition.noun, condition.where))
    }
  }
}

/** Where all that is asked of others is which ids they have. */
function idsAsked(condition: Condition): Test | undefined {
  if (condition.type === 'all') return condition.of.length === 1 ? idsAsked(condition.of[0]!) : undefined
  return condition.type === 'field' && condition.field === 'id' && condition.test.is === 'in' ? condition.test : undefined
}

type FieldCondition = Condition & { readonly type: 'field' }

function isNull(condition: Condition): condition is FieldCondition {
  return condition.type === 'field' && condition.test.is === 'null'
}

/** In the words that an index knows. */
function notNullSql(noun: ConditionNoun, { field }: FieldCondition): RawBuilder<boolean> {
  const found = fieldOf(noun, field)
  if (found.type !== 'value') throw new Error(`the list ${field} of ${noun} cannot be null`)
  return sql<boolean>`${found.sql} is not null`
}

function fieldOf(noun: ConditionNoun, name: string): Field {
  const field = nouns[noun].fields[name]
  if (field === undefined) throw new Error(`${noun} have no field ${name}`)
  return field
}

function joinAll(parts: readonly RawBuilder<boolean>[], by: Sql, nothing: Sql): RawBuilder<boolean> {
  if (parts.length === 0) return sql<boolean>`(${nothing})`
  return sql<boolean>`(${sql.join(parts, by)})`
}

/** `here in (select there from …)`: the inner rows are found by their own indexes, however many the outer ones are. */
function relatedSql([step, ...rest]: readonly Step[], where: RawBuilder<boolean>): RawBuilder<boolean> {
  if (step === undefined) return where
  const inner = relatedSql(rest, where)
  // NULL in a list makes the opposite of `in` unknown.
  const known = step.there === 'id' ? sql`` : sql` and ${sql.ref(step.there)} is not null`
  const seen = HIDDEN.has(step.table) ? sql` and deleted_at is null` : sql``
  return sql<boolean>`${sql.ref(step.here)} in (select ${sql.ref(step.there)} from ${sql.table(step.table)} where ${inner}${known}${seen})`
}

function testSql(field: Field, test: Test): RawBuilder<boolean> {
  if (field.type === 'value') return valueSql(field.sql, test)
  switch (test.is) {
    case 'has-all':
      return joinAll(
        test.values.map((value) => hasSql(field, [value])),
        sql` and `,
        sql`1 = 1`,
      )
    case 'has-any':
      return test.values.length === 0 ? sql<boolean>`1 = 0` : hasSql(field, test.values)
    case 'empty':
      return field.type === 'json-list'
        ? sql<boolean>`(${sql.ref(field.column)} is null or ${sql.ref(field.column)} = '[]')`
        : sql<boolean>`id not in (select ${sql.ref(field.owner)} from ${sql.table(field.table)})`
    default:
      throw new Error(`a list cannot be tested by ${test.is}`)
  }
}

function hasSql(field: Exclude<Field, { type: 'value' }>, values: readonly string[]): RawBuilder<boolean> {
  if (field.type === 'listed') {
    const { table, owner, value } = field
    return sql<boolean>`id in (select ${sql.ref(owner)} from ${sql.table(table)} where ${sql.ref(value)} in (${sql.join(values)}))`
  }
  // Elements of JSON text stand in quotes of their own, in which quotes are escaped: an element is found, no part of one.
  const each = values.map(
    (value) => sql<boolean>`replace(${sql.ref(field.column)}, ${JSON.stringify(value)}, '') <> ${sql.ref(field.column)}`,
  )
  return joinAll(each, sql` or `, sql`1 = 0`)
}

function valueSql(value: Sql, test: Test): RawBuilder<boolean> {
  switch (test.is) {
    case 'in':
      return test.values.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${value} in (${sql.join(test.values)})`
    case 'null':
      return sql<boolean>`${value} is null`
    case 'like':
      return sql<boolean>`lower(${value}) like ${`%${test.text.toLowerCase()}%`}`
    case 'contains':
      return sql<boolean>`replace(lower(${value}), ${test.text.toLowerCase()}, '') <> lower(${value})`
    case 'prefix':
      return sql<boolean>`substr(lower(${value}), 1, ${sql.lit(test.text.length)}) = ${test.text.toLowerCase()}`
    case 'at-least':
      return sql<boolean>`${value} >= ${test.value}`
    case 'at-most':
      return sql<boolean>`${value} <= ${test.value}`
    default:
      throw new Error(`a value cannot be tested by ${test.is}`)
  }
}
