// What a Tutti engine asks of a Tutti server. It is spoken between the two only, so it carries the domain's own records: their names, and
// times as whole microseconds. Authentication, errors and statuses are those of every other endpoint.
import { z } from 'zod'
import { BLOCKS_PER_PAGE_MAX } from '../core/block-access.ts'
import { CATCH_UPS } from '../core/maintenance-mode.ts'
import { isStateType } from '../core/state.ts'
import { RESULTS_MAX } from '../core/rerun.ts'
import { variableNameProblem, VARIABLES_PER_PAGE_MAX, VARIABLE_VALUE_MAX } from '../core/variable-access.ts'
import { endpoint } from './endpoint.ts'
import type { ENGINE_VERBS, EngineNoun } from './engine-verbs.ts'

const id = z.string().min(1).max(200)
const text = z.string()
const whole = z.number().int()
const optionalText = z.string().nullable()

const stored = z.object({ format: z.enum(['json', 'devalue', 'cbor', 'blob', 'none']), text })
const holder = z.object({ host: text, bootId: text, pid: whole, processStart: text })
const lease = z.object({ holder, until: whole })
const stateType = z.string().refine(isStateType)
const state = z.object({ id, type: stateType, name: text, timestamp: whole, message: optionalText, scheduledFor: whole.optional() })
const strings = z.array(z.string())

const checkpoint = z.object({
  id,
  flowRunId: id,
  taskKey: text,
  dynamicKey: text,
  ordinal: whole,
  name: text,
  kind: z.enum(['task', 'flow']),
  tags: strings,
  parentTaskRunId: optionalText,
  childFlowRunId: optionalText,
  upstream: strings,
  sequence: whole,
  attempt: whole,
  state,
  history: z.array(z.object({ id, type: stateType, name: text, timestamp: whole })),
  runCount: whole,
  failures: whole,
  number: whole.nullable(),
  createdAt: whole,
  startedAt: whole.nullable(),
  endedAt: whole.nullable(),
  outcome: stored.nullable(),
  cache: z.object({ key: text, expiresAt: whole.nullable() }).nullable(),
})

const newFlowRun = z.object({
  id,
  flowName: text,
  name: text,
  version: optionalText,
  entrypoint: optionalText,
  tags: strings,
  parameters: stored,
  idempotencyKey: optionalText,
  parentTaskRunId: optionalText,
  rootId: id,
  policy: z.object({ retries: whole, crashRestarts: whole }),
  createdAt: whole,
  lease,
})

const message = text.optional()
const pause = z.object({
  waitId: id,
  key: text,
  until: whole,
  wakeAt: whole,
  schema: optionalText,
  description: optionalText,
  isAgain: z.boolean().optional(),
})
const command = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), lease }),
  z.object({ type: z.literal('complete'), name: message, message, outcome: stored.nullable() }),
  z.object({ type: z.literal('fail'), name: message, message: text, outcome: stored.nullable(), retryDelayMs: z.number().nullable() }),
  z.object({
    type: z.literal('crash'),
    message: text,
    process: z.object({ host: text, pid: whole }).optional(),
    onPurpose: z.boolean().optional(),
  }),
  z.object({ type: z.literal('cancel'), message: text }),
  z.object({ type: z.literal('cancelled'), message: text, outcome: stored.nullable().optional() }),
  z.object({ type: z.literal('resume'), message }),
  z.object({ type: z.literal('retry'), message }),
  z.object({ type: z.literal('pause'), pause, message: text }),
  z.object({ type: z.literal('suspend'), until: whole, pause: pause.nullable(), message: text }),
  z.object({ type: z.literal('wake'), message }),
  z.object({ type: z.literal('renew'), until: whole }),
])

const journalValue = z.object({ key: text, text })
const logRecord = z.object({
  id,
  flowRunId: optionalText,
  taskRunId: optionalText,
  logger: text,
  level: whole,
  message: text,
  timestamp: whole,
})

/** One operation of a flush. */
export const journalOperation = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), run: newFlowRun, parent: checkpoint.nullable() }),
  z.object({ type: z.literal('command'), flowRunId: id, attempt: whole, command, parent: checkpoint.nullable() }),
  z.object({ type: z.literal('checkpoint'), checkpoint }),
  z.object({ type: z.literal('value'), flowRunId: id, attempt: whole, value: journalValue }),
  z.object({ type: z.literal('log'), record: logRecord }),
])

const OPERATIONS_MAX = 5_000
const BEATS_MAX = 10_000
/** In one chain of types that refer to each other. */
const BLOCK_TYPES_MAX = 100

const pageQuery = { limit: whole.min(1), cursor: z.string().optional() }
const states = z.array(stateType).optional()
const flowRunQuery = z.object({
  ...pageQuery,
  flowName: message,
  states,
  tags: strings.optional(),
  since: whole.optional(),
  until: whole.optional(),
  nameContains: message,
  level: z.enum(['all', 'roots']).optional(),
  parentTaskRunId: message,
})
const taskRunQuery = z.object({ ...pageQuery, flowRunId: message, states, taskKey: message })
const logQuery = z.object({
  ...pageQuery,
  flowRunId: text,
  taskRunId: message,
  levelMin: whole.optional(),
  order: z.enum(['oldest', 'newest']).optional(),
})
const beats = z.array(z.object({ flowRunId: id, attempt: whole, isWaiting: z.boolean().optional() })).max(BEATS_MAX)
const rerunRequest = z.object({
  from: optionalText,
  parameters: z
    .discriminatedUnion('type', [z.object({ type: z.literal('merge'), text }), z.object({ type: z.literal('replace'), stored })])
    .nullable(),
  results: z.array(z.object({ task: text, stored })).max(RESULTS_MAX),
  code: z.enum(['same', 'newest']),
  id: id.nullable(),
  name: optionalText,
  how: z.enum(['new run', 'retry']),
})

const jsonText = z.string().refine(isJson, { message: 'is not JSON' })
const slug = z.string().regex(/^[a-z0-9-]+$/, { message: 'has other characters than lowercase letters, numbers and dashes' })
const blockName = slug
const blockDefinitions = z
  .array(
    z.object({
      name: z.string().min(1),
      slug,
      logoUrl: optionalText,
      documentationUrl: optionalText,
      description: optionalText,
      codeExample: optionalText,
      fields: jsonText,
      capabilities: strings,
      version: text,
    }),
  )
  .max(BLOCK_TYPES_MAX)
const variableName = z.string().superRefine((name, context) => {
  const problem = variableNameProblem(name)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

function isJson(given: string): boolean {
  try {
    JSON.parse(given)
    return true
  } catch {
    return false
  }
}

/** The arguments of every operation, by noun and verb. */
export const ENGINE_CALLS = {
  flowRuns: {
    get: z.tuple([text]),
    find: z.tuple([text]),
    list: z.tuple([flowRunQuery]),
    countByState: z.tuple([flowRunQuery]),
    states: z.tuple([text]),
    explain: z.tuple([text]),
    planRerun: z.tuple([text, rerunRequest]),
    rerun: z.tuple([text, rerunRequest]),
    command: z.tuple([text, command]),
    take: z.tuple([text, z.enum(['start', 'resume', 'retry']), lease]),
    delete: z.tuple([text]),
    beat: z.tuple([beats, whole]),
    look: z.tuple([beats]),
    recover: z.tuple([whole.min(0)]),
  },
  taskRuns: {
    get: z.tuple([text]),
    list: z.tuple([taskRunQuery]),
    countByState: z.tuple([text]),
  },
  journal: {
    // Each operation is read by itself, as one bad one must not spoil the others.
    flush: z.tuple([z.array(z.unknown()).max(OPERATIONS_MAX)]),
    entries: z.tuple([text, z.object({ after: z.object({ taskKey: text, dynamicKey: text }).nullable(), limit: whole.min(1) })]),
    outcomes: z.tuple([text, strings]),
    values: z.tuple([text]),
    cached: z.tuple([text, whole]),
  },
  artifacts: {
    publish: z.tuple([
      z.object({
        id: z.guid(),
        key: z.string().nullable(),
        type: text,
        description: optionalText,
        data: text,
        flowRunId: text,
        taskRunId: optionalText,
        isFirst: z.boolean(),
      }),
    ]),
  },
  blocks: {
    register: z.tuple([blockDefinitions.min(1)]),
    find: z.tuple([text, text, z.enum(['told', 'hidden'])]),
    save: z.tuple([
      z.object({
        id: z.guid().nullable(),
        slug: text,
        name: blockName,
        data: jsonText,
        types: blockDefinitions,
        overwrite: z.boolean(),
      }),
    ]),
    list: z.tuple([z.object({ slug: message, limit: whole.min(1).max(BLOCKS_PER_PAGE_MAX), cursor: message })]),
    remove: z.tuple([text, text]),
    types: z.tuple([z.object({ limit: whole.min(1).max(BLOCKS_PER_PAGE_MAX), cursor: message })]),
    findType: z.tuple([text]),
    removeType: z.tuple([text]),
  },
  variables: {
    find: z.tuple([text]),
    set: z.tuple([
      z.object({
        id: z.guid().nullable(),
        name: variableName,
        value: jsonText.max(VARIABLE_VALUE_MAX),
        tags: strings.nullable(),
        overwrite: z.boolean(),
      }),
    ]),
    unset: z.tuple([text]),
    page: z.tuple([
      z.object({ tags: strings.optional(), prefix: message, limit: whole.min(1).max(VARIABLES_PER_PAGE_MAX), cursor: message }),
    ]),
  },
  waits: {
    open: z.tuple([text]),
    wake: z.tuple([text, optionalText]),
    answer: z.tuple([text, text]),
  },
  logs: { list: z.tuple([logQuery]) },
  flows: { list: z.tuple([z.object(pageQuery)]) },
  maintenance: { info: z.tuple([]) },
  maintenanceMode: {
    status: z.tuple([optionalText]),
    enter: z.tuple([optionalText, optionalText]),
    leave: z.tuple([optionalText, z.enum(CATCH_UPS)]),
  },
} as const satisfies { readonly [Noun in EngineNoun]: Readonly<Record<(typeof ENGINE_VERBS)[Noun][number], z.ZodType>> }

/** What a call carries beside its arguments. */
const engineCall = z.object({
  version: z.number(),
  /** The caller's clock: moments by which something must be renewed are moved to the server's. */
  now: whole,
  args: z.array(z.unknown()),
})

const resultParams = z.object({ flowRunId: id, key: id })

export const engine = {
  call: endpoint({
    method: 'POST',
    path: '/engine/{noun}/{verb}',
    summary: 'One operation of the orchestrator, for engines of Tutti.',
    params: z.object({ noun: z.string(), verb: z.string() }),
    body: engineCall,
    // Values of users are text in it.
    plain: true,
    output: z.object({ result: z.unknown() }),
    errors: ['FLOW_RUN_NOT_FOUND', 'TRANSITION_REJECTED', 'FENCED'],
  }),
  writeResult: endpoint({
    method: 'PUT',
    path: '/engine/results/{flowRunId}/{key}',
    summary: 'Keeps a large result of a flow run.',
    params: resultParams,
    body: z.instanceof(Uint8Array),
    bytes: true,
  }),
  readResult: endpoint({
    method: 'GET',
    path: '/engine/results/{flowRunId}/{key}',
    summary: 'A large result of a flow run, as it was written.',
    params: resultParams,
    output: z.instanceof(Uint8Array),
    media: 'application/octet-stream',
    errors: ['RESULT_MISSING'],
  }),
}
