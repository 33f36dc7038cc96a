import type { ConcurrencyOptions, DeploymentChanges, DeploymentOptions, DeploymentView, ScheduleChanges } from './deployment.ts'
import type { CollisionStrategy } from './deployment-definition.ts'
import { JsonText } from './literal-json.ts'
import { parametersProblem } from './parameter-schema.ts'
import type { Schedule } from './schedule/schedule.ts'

/** What a deploy will do, or did, to one deployment. */
export interface PlannedDeployment {
  readonly flowName: string
  readonly name: string
  readonly change: 'added' | 'changed' | 'unchanged' | 'removed'
  /** Field by field, for those that are added or changed. */
  readonly fields: readonly FieldChange[]
  /** Parameters that do not fit the schema: nothing is deployed as long as there are some. */
  readonly misfits: readonly Misfit[]
}

/** One field by its path: `parameters.day`, `schedules.nightly.schedule.cron`. What is absent was not there, or is not there any more. */
export interface FieldChange {
  readonly field: string
  readonly was?: unknown
  readonly now?: unknown
}

export interface Misfit {
  /** `null`: the parameters of the deployment itself. */
  readonly schedule: string | null
  readonly problem: string
}

/** What a deployment is made of, as plain JSON: whatever makes it run differently when it differs. */
export interface Description {
  readonly description: string | null
  readonly version: string | null
  readonly paused: boolean
  readonly tags: readonly string[]
  readonly parameters: unknown
  readonly parameterSchema: unknown
  readonly enforceParameterSchema: boolean
  readonly jobVariables: unknown
  readonly pullSteps: unknown
  readonly path: string | null
  readonly entrypoint: string | null
  readonly workPool: string | null
  readonly workQueue: string | null
  readonly concurrency: { readonly limit: number | null; readonly collision: CollisionStrategy | null; readonly graceS: number | null }
  readonly options: unknown
  readonly project: string | null
  readonly schedules: Readonly<Record<string, unknown>>
}

/** The label that says which project's `tutti.config.ts` a deployment comes from. */
export const PROJECT_LABEL = 'tutti.config'

/** As it stands on the server. */
export function descriptionOf({ deployment, schedules, queue, limit }: DeploymentView): Description {
  return {
    description: deployment.description,
    version: deployment.version,
    paused: deployment.paused,
    tags: deployment.tags,
    parameters: plain(deployment.parameters),
    parameterSchema: plain(deployment.parameterSchema) ?? {},
    enforceParameterSchema: deployment.enforceParameterSchema,
    jobVariables: plain(deployment.jobVariables),
    pullSteps: plain(deployment.pullSteps) ?? [],
    path: deployment.path,
    entrypoint: deployment.entrypoint,
    workPool: queue?.poolName ?? null,
    workQueue: queue?.name ?? null,
    concurrency: { limit: limit?.limit ?? null, ...collisionOf(deployment.concurrencyOptions, deployment.options) },
    options: plain({ ...deployment.options, collision: undefined }),
    project: projectOf(deployment.labels),
    schedules: Object.fromEntries(
      schedules.map(({ id: _id, deploymentId: _of, createdAt: _made, updatedAt: _changed, slug, ...rest }) => [
        scheduleKey({ slug, schedule: rest.schedule }),
        plain(rest),
      ]),
    ),
  }
}

/** As it will stand there: what the changes name, over what is there, over what a new one has. */
export function describeChanges(changes: DeploymentChanges, there: Description | undefined): Description {
  const base = there ?? NEW
  const { workPoolName, workQueueName } = changes
  const isMoved = workPoolName !== undefined || workQueueName !== undefined
  const workQueue = workQueueName ?? ((workPoolName ?? null) === null ? null : 'default')
  return {
    description: given(changes.description, base.description),
    // Without one of its author's the server counts.
    version: changes.version ?? base.version,
    paused: changes.paused ?? base.paused,
    tags: changes.tags ?? base.tags,
    parameters: changes.parameters === undefined ? base.parameters : plain(changes.parameters),
    parameterSchema: changes.parameterSchema === undefined ? base.parameterSchema : (plain(changes.parameterSchema) ?? {}),
    enforceParameterSchema: changes.enforceParameterSchema ?? base.enforceParameterSchema,
    jobVariables: changes.jobVariables === undefined ? base.jobVariables : plain(changes.jobVariables),
    pullSteps: changes.pullSteps === undefined ? base.pullSteps : (plain(changes.pullSteps) ?? []),
    path: given(changes.path, base.path),
    entrypoint: given(changes.entrypoint, base.entrypoint),
    workPool: isMoved ? (workPoolName ?? null) : base.workPool,
    workQueue: isMoved ? workQueue : base.workQueue,
    concurrency: {
      ...base.concurrency,
      ...(changes.concurrencyLimit === undefined ? undefined : { limit: changes.concurrencyLimit }),
      ...(changes.concurrencyOptions === undefined ? undefined : collisionOf(changes.concurrencyOptions, changes.options ?? {})),
    },
    options: changes.options === undefined ? base.options : plain({ ...changes.options, collision: undefined }),
    project: changes.labels === undefined ? base.project : (projectOf(changes.labels) ?? base.project),
    schedules: changes.schedules === undefined ? base.schedules : describeSchedules(changes.schedules, base.schedules),
  }
}

const NEW: Description = {
  description: null,
  version: null,
  paused: false,
  tags: [],
  parameters: {},
  parameterSchema: {},
  enforceParameterSchema: true,
  jobVariables: {},
  pullSteps: [],
  path: null,
  entrypoint: null,
  workPool: null,
  workQueue: null,
  concurrency: { limit: null, collision: null, graceS: null },
  options: {},
  project: null,
  schedules: {},
}

/** The strategy as it really is, not as it is shown to clients that know two. */
function collisionOf(options: ConcurrencyOptions | null, { collision }: DeploymentOptions): Omit<Description['concurrency'], 'limit'> {
  return { collision: options === null ? null : (collision ?? options.strategy), graceS: options?.graceS ?? null }
}

const NEW_SCHEDULE = { active: true, maxScheduledRuns: null, parameters: {}, options: {} }

function describeSchedules(changes: readonly ScheduleChanges[], there: Description['schedules']): Description['schedules'] {
  return Object.fromEntries(
    changes.map(({ slug = null, replaces: _replaces, ...rest }) => {
      const key = scheduleKey({ slug, schedule: rest.schedule })
      return [key, Object.assign({}, NEW_SCHEDULE, there[key], plain(rest))]
    }),
  )
}

/** By what a schedule is known when its deployment is written again: its slug, or else all that it says of time. */
export function scheduleKey({ slug, schedule }: { readonly slug?: string | null; readonly schedule?: Schedule | undefined }): string {
  if (slug !== null && slug !== undefined) return slug
  if (schedule === undefined) return ''
  const zone = schedule.timezone === null ? '' : ` ${schedule.timezone}`
  switch (schedule.type) {
    case 'cron':
      return `cron ${schedule.cron}${zone}`
    case 'interval':
      return `every ${schedule.intervalS} s${zone}`
    case 'rrule':
      return `rrule ${schedule.rrule}${zone}`
  }
}

/** Every difference of two values, by its path; lists are compared as wholes. */
export function differences(was: unknown, now: unknown, path = ''): readonly FieldChange[] {
  if (isObject(was) && isObject(now)) {
    const keys = new Set([...Object.keys(was), ...Object.keys(now)])
    return [...keys].flatMap((key) => differences(was[key], now[key], path === '' ? key : `${path}.${key}`))
  }
  if (canonicalText(was) === canonicalText(now)) return []
  return [{ field: path, ...(was === undefined ? undefined : { was }), ...(now === undefined ? undefined : { now }) }]
}

/** What of a new deployment is worth telling: all that is not as it would be anyhow. */
export function novelties(now: Description): readonly FieldChange[] {
  return differences(NEW, now)
    .filter(({ field }) => field !== 'project' && !/^(?:parameterSchema|options)\./.test(field))
    .map(({ field, now: value }) => ({ field, now: value }))
}

/** Parameters that the schema of the deployment refuses: its own, and those that its schedules will run with. */
function misfitsOf({ parameterSchema, enforceParameterSchema, parameters, schedules }: Description): readonly Misfit[] {
  if (!enforceParameterSchema) return []
  const schema = JsonText.of(parameterSchema)
  const own = parametersProblem(schema, JsonText.of(parameters), { ignoreRequired: true })
  if (own !== undefined) return [{ schedule: null, problem: own.problem }]
  return Object.entries(schedules).flatMap(([schedule, value]) => {
    const theirs = isObject(value) ? value['parameters'] : {}
    const all = JsonText.of(Object.assign({}, parameters, theirs))
    const problem = parametersProblem(schema, all, { ignoreRequired: false })
    return problem === undefined ? [] : [{ schedule, problem: problem.problem }]
  })
}

/** One deployment of the plan. */
export function planned(
  { flowName, name }: { readonly flowName: string; readonly name: string },
  there: Description | undefined,
  wanted: Description,
): PlannedDeployment {
  const fields = there === undefined ? novelties(wanted) : differences(there, wanted)
  const change = there === undefined ? 'added' : fields.length === 0 ? 'unchanged' : 'changed'
  return { flowName, name, change, fields, misfits: misfitsOf(wanted) }
}

export function projectOf(labels: JsonText): string | null {
  const all = labels.plain()
  const project = isObject(all) ? all[PROJECT_LABEL] : undefined
  return typeof project === 'string' ? project : null
}

function given<T>(value: T | undefined, otherwise: T): T {
  return value === undefined ? otherwise : value
}

/** With JavaScript's numbers, and without members that are `undefined`: values that are equal read the same. */
function plain(value: unknown): unknown {
  const text = value instanceof JsonText ? value.text : JSON.stringify(value)
  return text === undefined ? undefined : JSON.parse(text)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The order of members says nothing. */
function canonicalText(value: unknown): string | undefined {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1))) : member,
  )
}
