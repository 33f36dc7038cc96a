import type { Client } from '../server.ts'
import { BACKFILL_CONCURRENCY_MAX, BACKFILL_ORDERS } from '../../core/backfill.ts'
import type { BackfillRequest } from '../../core/backfill.ts'
import { dayOf } from '../../core/calendar-days.ts'
import { coerceCliParameters } from '../../core/cli-parameters.ts'
import { formatDuration, parseDuration } from '../../core/duration.ts'
import { isTuttiError } from '../../core/errors.ts'
import type { JsonSchema } from '../../core/parameters.ts'
import { fromLocal, isTimeZone } from '../../core/schedule/time-zone.ts'
import { formatInstant, parseInstant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { clockTime } from '../moment.ts'
import { limitUpTo } from '../options.ts'
import { printFields, printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import { renderTable } from '../table.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

type Deployment = Awaited<ReturnType<Client['deployments']['read']>>
type Backfill = Awaited<ReturnType<Client['backfills']['read']>>

const MADE = 'backfills'
const PAGE = 200
const DATES_SHOWN = 5
const backfillArgument = { doc: 'the id of the backfill' } as const

export const start = defineCommand({
  about:
    'Makes a run of a deployment for each time of a span, a few at a time, on the server. The times are those of its schedules, or one each --step. Each run knows what it is about: run().logicalDate. Days are read in the time zone of the schedules.',
  arguments: { deployment: { doc: 'the deployment: FLOW/NAME or its id' } },
  options: {
    from: { value: 'TIME', doc: 'Where the span begins: 2026-01-01 or 2026-01-01T10:00:00Z' },
    to: { value: 'TIME', doc: 'Where it ends: a day is included, a time is not' },
    step: { value: 'DURATION', doc: 'One run each such step from the beginning on, as in 1d, instead of the times of the schedules' },
    tz: { value: 'ZONE', doc: 'The time zone that days are read in; default that of the schedules, else UTC' },
    concurrency: { value: 'NUMBER', parse: limitUpTo(BACKFILL_CONCURRENCY_MAX), doc: 'Runs that have not ended, at most; default 1' },
    order: { value: 'ORDER', choices: BACKFILL_ORDERS, doc: 'Which times come first; default oldest' },
    onlyFailed: { doc: 'Only times whose latest run failed or crashed' },
    onlyMissing: { doc: 'Only times that no run has completed and none is under way for' },
    param: { short: 'p', value: 'NAME=VALUE', repeatable: true, doc: 'A parameter of every run, as JSON or text' },
    plan: { doc: 'Only show what would run' },
    watch: { doc: 'Follow it until it ends' },
    yes: { short: 'y', doc: 'Do not ask' },
    json: jsonOption,
  },
  examples: [
    { command: 'tutti backfill etl/prod --from 2026-01-01 --to 2026-03-31 --plan', doc: 'What three months would run' },
    {
      command: 'tutti backfill etl/prod --from 2026-01-01 --to 2026-03-31 --concurrency 4 --only-failed',
      doc: 'What failed in them, four at a time',
    },
  ],
  async run(world, { arguments: { deployment: reference }, options }) {
    const { from, to } = options
    if (from === undefined || to === undefined) throw new UsageError('a backfill needs a span', 'Say --from 2026-01-01 --to 2026-03-31.')
    if (options.onlyFailed && options.onlyMissing)
      throw new UsageError('--only-failed and --only-missing say different things', 'Give one of them.')
    return withServer(
      world,
      async (client) => {
        const deployment = await deploymentOf(client, reference)
        const timezone = options.tz ?? zoneOf(deployment)
        if (timezone !== null && !isTimeZone(timezone)) throw new UsageError(`'${timezone}' is no time zone`, 'Write it as Europe/Berlin.')
        const body = {
          deployment_id: deployment.id,
          start_time: formatInstant(momentOf(from, timezone, 0)),
          end_time: formatInstant(momentOf(to, timezone, 1)),
          step: options.step === undefined ? null : parseDuration(options.step, '--step') / 1000,
          timezone,
          order: options.order ?? ('oldest' as const),
          concurrency: options.concurrency ?? 1,
          only: onlyOf(options),
          parameters: { ...coerceCliParameters(options.param, schemaOf(deployment)) },
        }
        const plan = await client.backfills.plan({ body })
        if (options.plan) {
          if (options.json) printJson(world.output, plan)
          else showPlan(world, plan, reference)
          return 0
        }
        if (plan.total === 0) {
          printLine(world.errors, `No time of this span needs a run of ${reference}.`)
          return 1
        }
        if (!options.yes && !(await isAgreed(world, plan, reference))) {
          printLine(world.errors, 'Nothing was made.')
          return 1
        }
        const made = await client.backfills.create({ body })
        if (!options.watch) {
          if (options.json) printJson(world.output, made)
          else
            printLine(
              world.output,
              `Backfill ${made.id} makes ${made.total} runs, ${made.concurrency} at a time. See \`tutti backfill inspect ${made.id}\`.`,
            )
          return 0
        }
        return watch(world, client, made, options.json)
      },
      MADE,
    )
  },
})

function onlyOf({ onlyFailed, onlyMissing }: { readonly onlyFailed: boolean; readonly onlyMissing: boolean }): BackfillRequest['only'] {
  if (onlyFailed) return 'failed'
  return onlyMissing ? 'missing' : 'all'
}

async function deploymentOf(client: Client, reference: string): Promise<Deployment> {
  const [flow_name = '', deployment_name, ...rest] = reference.split('/')
  if (deployment_name !== undefined && rest.length === 0) return client.deployments.readByName({ flow_name, deployment_name })
  if (/^[0-9a-f-]{36}$/i.test(reference)) return client.deployments.read({ id: reference })
  throw new UsageError(`'${reference}' is no deployment`, 'Write FLOW/NAME, or its id.')
}

/** The one that all schedules of a deployment have. */
function zoneOf({ schedules }: Deployment): string | null {
  const zones = new Set(schedules.filter(({ active }) => active).map(({ schedule }) => schedule.timezone))
  return zones.size === 1 ? ([...zones][0] ?? null) : null
}

/** @param daysOn - where a day stands for the time it ends, 1 */
function momentOf(text: string, timezone: string | null, daysOn: number): Instant {
  const day = dayOf(text)
  if (!Number.isNaN(day)) return fromLocal((day + daysOn) * 86_400_000_000, timezone ?? 'UTC', 'end')
  const at = parseInstant(text)
  if (at === undefined) throw new UsageError(`'${text}' is not a time`, 'Write it as 2026-01-31 or 2026-01-31T10:00:00Z.')
  return at
}

function schemaOf({ parameter_openapi_schema: schema }: Deployment): JsonSchema {
  // The server takes nothing but objects.
  return (schema ?? {}) as JsonSchema
}

type Plan = Awaited<ReturnType<Client['backfills']['plan']>>

function planLines({ total, left_out: leftOut, dates }: Plan, reference: string): readonly string[] {
  const shown = dates.slice(0, DATES_SHOWN).map((date) => `  ${date}`)
  const rest = total - shown.length
  return [
    `${total} runs of ${reference}${leftOut === 0 ? '' : `; ${leftOut} times of the span need none`}${total === 0 ? '' : ', about:'}`,
    ...shown,
    ...(rest <= 0 ? [] : [`  and ${rest} more`]),
  ]
}

function showPlan({ output }: World, plan: Plan, reference: string): void {
  for (const line of planLines(plan, reference)) printLine(output, line)
}

async function isAgreed(world: World, plan: Plan, reference: string): Promise<boolean> {
  if (!world.interactive) throw new UsageError('tutti backfill asks before it makes runs, and there is nobody to ask', 'Say so with --yes.')
  for (const line of planLines(plan, reference)) printLine(world.errors, line)
  const answer = await world.ask('Make them? [y/N] ')
  return answer.trim().toLowerCase().startsWith('y')
}

const LOOK_MS = 1_000
/** A server that is away is waited for by the client; what is longer ends the watch, not the backfill. */
const WATCH_MAX_MS = 7 * 86_400_000

async function watch(world: World, client: Client, made: Backfill, json: boolean): Promise<number> {
  let shown = ''
  for (let waitedMs = 0; waitedMs < WATCH_MAX_MS; waitedMs += LOOK_MS) {
    const backfill = await client.backfills.read({ id: made.id })
    const text = progress(backfill)
    if (text !== shown && !json) printLine(world.output, text)
    shown = text
    if (backfill.status === 'COMPLETED' || backfill.status === 'CANCELLED') {
      if (json) printJson(world.output, backfill)
      return backfill.status === 'COMPLETED' && failed(backfill) === 0 ? 0 : 1
    }
    await world.clock.sleep(LOOK_MS)
  }
  throw new UsageError(`the backfill ${made.id} has not ended within ${formatDuration(WATCH_MAX_MS)}`)
}

function failed({ runs }: Backfill): number {
  return (runs['FAILED'] ?? 0) + (runs['CRASHED'] ?? 0)
}

function ended({ runs }: Backfill): number {
  return failed({ runs } as Backfill) + (runs['COMPLETED'] ?? 0) + (runs['CANCELLED'] ?? 0)
}

function progress(backfill: Backfill): string {
  const { total, made, runs, status } = backfill
  const states = Object.entries(runs).map(([state, count]) => `${count} ${state.toLowerCase()}`)
  return `${status.toLowerCase()}: ${ended(backfill)} of ${total} ended${states.length === 0 ? '' : ` (${states.join(', ')})`}, ${total - made} to be made`
}

export const list = defineCommand({
  arguments: {},
  options: {
    limit: { short: 'n', value: 'NUMBER', parse: limitUpTo(PAGE), doc: `At most so many, up to ${PAGE}; default 20` },
    json: jsonOption,
  },
  examples: [{ command: 'tutti backfill ls', doc: 'What was run again, and how far it is' }],
  async run(world, { options }) {
    return withServer(
      world,
      async (client) => {
        const backfills = await client.backfills.list({ body: { limit: options.limit ?? 20, offset: 0 } })
        if (options.json) printJson(world.output, backfills)
        else if (backfills.length === 0)
          printLine(world.errors, 'No backfills. Make one with `tutti backfill FLOW/NAME --from DAY --to DAY`.')
        else
          world.output.write(
            renderTable(
              backfills,
              [
                { title: 'ID', whole: true, cell: ({ id }) => id },
                { title: 'STATUS', cell: ({ status }) => status.toLowerCase() },
                { title: 'ENDED', align: 'right', cell: (backfill) => `${ended(backfill)}/${backfill.total}` },
                { title: 'FAILED', align: 'right', cell: (backfill) => String(failed(backfill)) },
                { title: 'FROM', cell: (backfill) => shownTime(backfill.start_time) },
                { title: 'TO', cell: (backfill) => shownTime(backfill.end_time) },
              ],
              world.output,
            ),
          )
        return 0
      },
      MADE,
    )
  },
})

function shownTime(text: string): string {
  const at = parseInstant(text)
  return at === undefined ? text : clockTime(at)
}

export const inspect = defineCommand({
  arguments: { backfill: backfillArgument },
  options: { watch: { doc: 'Follow it until it ends' }, json: jsonOption },
  examples: [{ command: 'tutti backfill inspect 0199a8c2-7f3e-7d51-a1f0-3c5f5c1e2b4d', doc: 'How far it is' }],
  async run(world, { arguments: { backfill: id }, options }) {
    return withServer(
      world,
      async (client) => {
        const backfill = await client.backfills.read({ id })
        if (options.watch) return watch(world, client, backfill, options.json)
        if (options.json) printJson(world.output, backfill)
        else {
          const deployment = await nameOf(client, backfill.deployment_id)
          printFields(world.output, [
            ['id', backfill.id],
            ['deployment', deployment],
            ['progress', progress(backfill)],
            ['span', `${shownTime(backfill.start_time)} to ${shownTime(backfill.end_time)}`],
            ['times', backfill.step === null ? 'of the schedules' : `one each ${formatDuration(backfill.step * 1000)}`],
            ['order', `${backfill.order} first, ${backfill.concurrency} at a time, ${backfill.only}`],
            ['parameters', Object.keys(backfill.parameters).length === 0 ? undefined : JSON.stringify(backfill.parameters)],
            ['made', shownTime(backfill.created)],
            ['runs', `tutti flow-run ls --tag backfill:${backfill.id}`],
          ])
        }
        return 0
      },
      MADE,
    )
  },
})

async function nameOf(client: Client, id: string): Promise<string> {
  try {
    const { name, flow_id } = await client.deployments.read({ id })
    return `${(await client.flows.read({ id: flow_id })).name}/${name}`
  } catch (error) {
    if (isTuttiError(error, 'NOT_FOUND')) return `${id}, which was deleted`
    throw error
  }
}

export const pause = changing('pause', 'Paused', 'Its runs under way go on; no more are made until it is resumed')
export const resume = changing('resume', 'Resumed', 'Makes its next runs')
export const cancel = changing('cancel', 'Cancelled', 'No more runs are made, and those that have not ended are cancelled')

function changing(verb: 'pause' | 'resume' | 'cancel', done: string, about: string) {
  return defineCommand({
    about: `${about}.`,
    arguments: { backfill: backfillArgument },
    options: { json: jsonOption },
    examples: [{ command: `tutti backfill ${verb} 0199a8c2-7f3e-7d51-a1f0-3c5f5c1e2b4d`, doc: about }],
    async run(world, { arguments: { backfill: id }, options }) {
      return withServer(
        world,
        async (client) => {
          const backfill = await client.backfills[verb]({ id })
          if (options.json) printJson(world.output, backfill)
          else printLine(world.output, `${done} the backfill ${id}, ${progress(backfill)}.`)
          return 0
        },
        MADE,
      )
    },
  })
}
