import { coerceCliParameters } from '../../core/cli-parameters.ts'
import { parseDuration } from '../../core/duration.ts'
import { isTuttiError, TuttiError } from '../../core/errors.ts'
import type { JsonSchema } from '../../core/parameters.ts'
import { after, formatInstant, parseInstant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { deploymentArgument, findDeployment, fullName } from '../deployments.ts'
import type { NamedDeployment } from '../deployments.ts'
import { checkNames, readJson } from '../parameters.ts'
import { printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import type { Answer, Client } from '../server.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'
import { watchRun } from './flow-run-watch.ts'

const options = {
  param: { short: 'p', value: 'NAME=VALUE', repeatable: true, doc: 'A parameter: day=2026-01-31, filter.open=true, tag=a tag=b' },
  params: { value: 'FILE', doc: 'Parameters as JSON, from a file or - for the standard input' },
  at: { value: 'TIME', parse: time, doc: 'Run it then: 2026-01-31T10:00:00Z' },
  in: { value: 'DURATION', parse: delay, doc: 'Run it after so long: 30s, 10m, 2h' },
  name: { value: 'NAME', doc: 'Name of the run' },
  tag: { short: 't', value: 'TAG', repeatable: true, doc: 'A tag for the run, beside those of the deployment' },
  queue: { value: 'NAME', doc: 'Another queue of its work pool' },
  idempotencyKey: { value: 'KEY', doc: 'A second run with the same key is the first' },
  watch: { short: 'w', doc: 'Follow the run to its end' },
  json: { ...jsonOption, doc: 'Print JSON for programs; with --watch one object per line' },
} as const

interface Typed {
  readonly param: readonly string[]
  readonly params: string | undefined
  readonly at: Instant | undefined
  readonly in: number | undefined
  readonly name: string | undefined
  readonly tag: readonly string[]
  readonly queue: string | undefined
  readonly idempotencyKey: string | undefined
}

type Run = Answer<'deployments', 'createFlowRun'>

export const run = defineCommand({
  about:
    'Asks for a run; whoever serves the deployment, or a worker of its pool, runs it. With --watch the exit code tells how it ended:\n' +
    '0 completed, 1 failed or crashed, 130 cancelled.',
  arguments: { deployment: deploymentArgument },
  options,
  examples: [
    { command: 'tutti deployment run etl/prod --param day=2026-01-31 --watch', doc: 'Run it now and follow it' },
    { command: 'tutti deployment run etl/prod --in 10m', doc: 'Run it in ten minutes' },
  ],
  run: async (world, { arguments: { deployment: reference }, options: typed }) => {
    if (typed.at !== undefined && typed.in !== undefined) throw new UsageError('--at and --in both say when', 'Give one of the two.')
    const made = await withServer(world, async (client) => {
      const named = await findDeployment(client, reference)
      return { named, run: await make(world, client, named, typed) }
    })
    if (typed.json) printJson(world.output, { ...(typed.watch && { type: 'run' }), ...runJson(made) })
    else tell(world, made, typed.watch)
    return typed.watch ? withTutti(world, async (tutti) => watchRun(world, tutti, await findRun(tutti, made.run.id), typed.json)) : 0
  },
})

async function make(world: World, client: Client, named: NamedDeployment, typed: Typed): Promise<Run> {
  const { deployment } = named
  const scheduledFor = typed.at ?? (typed.in === undefined ? undefined : after(world.clock.now(), typed.in))
  try {
    return await client.deployments.createFlowRun({
      id: deployment.id,
      body: {
        parameters: await parametersOf(world, named, typed),
        tags: [...typed.tag],
        ...(typed.name !== undefined && { name: typed.name }),
        ...(typed.queue !== undefined && { work_queue_name: typed.queue }),
        ...(typed.idempotencyKey !== undefined && { idempotency_key: typed.idempotencyKey }),
        ...(scheduledFor !== undefined && {
          state: { type: 'SCHEDULED' as const, state_details: { scheduled_time: formatInstant(scheduledFor) } },
        }),
      },
    })
  } catch (error) {
    // Parameters that do not fit are told with their field; which deployment they were for is known here.
    if (isTuttiError(error, 'CONFLICT') || isTuttiError(error, 'INVALID_REQUEST'))
      throw new TuttiError(error, `deployment ${fullName(named)}: ${error.message}`, { cause: error })
    throw error
  }
}

async function parametersOf(world: World, named: NamedDeployment, { param, params }: Typed): Promise<Record<string, unknown>> {
  const base = params === undefined ? {} : await readJson(world, params)
  if (typeof base !== 'object' || base === null || Array.isArray(base))
    throw new TuttiError('INVALID_PARAMETERS', 'the parameters given with --params are no object')
  const { parameter_openapi_schema: stored } = named.deployment
  const schema = typeof stored === 'object' && stored !== null ? (stored as JsonSchema) : {} // an object it is
  const typed = coerceCliParameters(param, schema)
  checkNames(`deployment ${fullName(named)}`, Object.keys(typed), schema)
  return { ...base, ...typed }
}

function runJson({ named, run: made }: { readonly named: NamedDeployment; readonly run: Run }): object {
  return {
    flowRunId: made.id,
    name: made.name,
    deployment: fullName(named),
    version: made.deployment_version,
    parameters: made.parameters,
    state: made.state_name,
    scheduledFor: made.next_scheduled_start_time,
  }
}

function tell(world: World, { named, run: made }: { readonly named: NamedDeployment; readonly run: Run }, isWatched: boolean): void {
  const when = made.next_scheduled_start_time
  const later = when !== null && (parseInstant(when) ?? 0) > world.clock.now()
  printLine(world.output, `Flow run ${made.name} (${made.id}) of ${fullName(named)}${later ? ` is due at ${when}` : ''}`)
  if (!isWatched) printLine(world.errors, `Follow it with: tutti flow-run watch ${made.id}`)
  const { paused, status, work_pool_name: pool } = named.deployment
  if (!later && status !== 'READY' && !paused)
    printLine(
      world.errors,
      pool === null ? 'Nobody serves the deployment now; the run waits.' : `Nobody asks for runs of pool ${pool} now; the run waits.`,
    )
}

function time(text: string): Instant {
  const instant = parseInstant(text)
  if (instant === undefined) throw new UsageError(`'${text}' is not a time`, 'Write it as in 2026-01-31T10:00:00Z.')
  return instant
}

function delay(text: string): number {
  try {
    return parseDuration(text, 'the delay')
  } catch {
    throw new UsageError(`'${text}' is not a duration`, 'Write it as in 30s, 10m or 1h30m.')
  }
}
