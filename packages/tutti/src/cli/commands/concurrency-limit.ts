import { isTuttiError } from '../../core/errors.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { LIMIT_DEFAULT, limitOption } from '../options.ts'
import { printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import type { Answer, Client } from '../server.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'
import { UsageError } from '../usage-error.ts'

const WHAT = 'concurrency limits'
const nameArgument = { doc: 'the limit by its name; with --tag the tag of tasks' } as const
const tagOption = { doc: 'The limit of a tag: so many task runs with it run at once' } as const

/** A limit by name, which flows and clients ask for slots; that of a tag; or that of a deployment, by its id. */
interface LimitLine {
  readonly kind: 'name' | 'tag' | 'deployment'
  readonly name: string
  readonly limit: number
  readonly taken: number
  readonly isActive: boolean
  readonly decayPerSecond: number
}

export const list = defineCommand({
  arguments: {},
  options: { limit: { ...limitOption, doc: 'At most so many of each kind; default 20' }, json: jsonOption },
  examples: [],
  run: (world, { options: { limit = LIMIT_DEFAULT, json } }) =>
    withServer(
      world,
      async (client) => {
        const body = { limit, offset: 0 }
        const byName = (await client.concurrency.list({ body })).filter(({ name }) => !name.startsWith(TAG))
        const items = [...byName.map(named), ...(await client.tagLimits.list({ body })).map(ofTag)]
        if (json) printJson(world.output, { items: items.map(limitJson) })
        else
          printPage(
            world,
            { items, cursor: null },
            COLUMNS,
            'No concurrency limits. Make one with `tutti concurrency-limit set NAME SLOTS`.',
          )
        return 0
      },
      WHAT,
    ),
})

/** How limits of tags and of deployments are named among all others. */
const TAG = 'tag:'
const DEPLOYMENT = 'deployment:'

const COLUMNS: readonly Column<LimitLine>[] = [
  { title: 'NAME', whole: true, cell: ({ name }) => name },
  { title: 'KIND', cell: ({ kind }) => kind },
  { title: 'TAKEN', cell: ({ taken }) => String(taken), align: 'right' },
  { title: 'SLOTS', cell: ({ limit }) => String(limit), align: 'right' },
  { title: 'FREED', cell: ({ decayPerSecond: decay }) => (decay === 0 ? '' : `${decay} a second`) },
  { title: 'ACTIVE', cell: ({ isActive }) => (isActive ? 'yes' : 'no') },
]

export const set = defineCommand({
  about:
    'Slots of a limit are taken by those who ask for them by its name, and given back by them; with --decay they also free themselves.',
  arguments: { name: nameArgument, slots: { doc: 'how many there are' } },
  options: {
    tag: tagOption,
    decay: { value: 'NUMBER', parse: rate, doc: 'So many slots free themselves each second; 0: none do' },
    active: { doc: 'It limits again' },
    inactive: { doc: 'It limits nothing until it is active again' },
    json: jsonOption,
  },
  examples: [
    { command: 'tutti concurrency-limit set payment-api 5', doc: 'Five at once' },
    { command: 'tutti concurrency-limit set database 10 --tag', doc: 'Ten task runs tagged database at once' },
    { command: 'tutti concurrency-limit set mails 60 --decay 1', doc: 'At most sixty at once, and then one a second' },
  ],
  run: (world, { arguments: { name, slots }, options: { tag, decay, active, inactive, json } }) => {
    const limit = slotsOf(slots)
    if (active && inactive) throw new UsageError('a limit is active or it is not', 'Give --active or --inactive.')
    if (tag && (decay !== undefined || active || inactive))
      throw new UsageError('the limit of a tag has a number of slots only', 'Leave --decay, --active and --inactive out.')
    return withServer(
      world,
      async (client) => {
        const changes = { limit, ...(decay !== undefined && { slot_decay_per_second: decay }), ...((active || inactive) && { active }) }
        const line = tag
          ? ofTag(await client.tagLimits.ensure({ body: { tag: name, concurrency_limit: limit } }))
          : named(await setNamed(client, name, changes))
        if (json) printJson(world.output, limitJson(line))
        else printLine(world.output, `Set the ${tag ? 'limit of tag' : 'limit'} ${name} to ${limit} ${limit === 1 ? 'slot' : 'slots'}`)
        return 0
      },
      WHAT,
    )
  },
})

export const remove = defineCommand({
  about: 'Who holds slots of it goes on; nobody waits for it any more.',
  arguments: { name: nameArgument },
  options: { tag: tagOption, json: jsonOption },
  examples: [],
  run: (world, { arguments: { name }, options: { tag, json } }) =>
    withServer(
      world,
      async (client) => {
        if (tag) await client.tagLimits.removeByTag({ tag: name })
        else await client.concurrency.remove({ id_or_name: name })
        if (json) printJson(world.output, { deleted: name, kind: tag ? 'tag' : 'name' })
        else printLine(world.output, `Deleted the ${tag ? 'limit of tag' : 'limit'} ${name}`)
        return 0
      },
      WHAT,
    ),
})

interface Changes {
  readonly limit: number
  readonly slot_decay_per_second?: number
  readonly active?: boolean
}

async function setNamed(client: Client, name: string, changes: Changes): Promise<NamedLimit> {
  try {
    await client.concurrency.update({ id_or_name: name, body: changes })
  } catch (error) {
    if (!isTuttiError(error, 'NOT_FOUND')) throw error
    await client.concurrency.create({ body: { name, ...changes } })
  }
  return client.concurrency.read({ id_or_name: name })
}

type NamedLimit = Answer<'concurrency', 'read'>

function named(limit: NamedLimit): LimitLine {
  const { name, active_slots: taken, active: isActive, slot_decay_per_second: decayPerSecond } = limit
  const isOfDeployment = name.startsWith(DEPLOYMENT)
  return {
    kind: isOfDeployment ? 'deployment' : 'name',
    name: isOfDeployment ? name.slice(DEPLOYMENT.length) : name,
    limit: limit.limit,
    taken,
    isActive,
    decayPerSecond,
  }
}

function ofTag({ tag, concurrency_limit: limit, active_slots: holders }: Answer<'tagLimits', 'read'>): LimitLine {
  return { kind: 'tag', name: tag, limit, taken: holders.length, isActive: true, decayPerSecond: 0 }
}

function limitJson({ kind, name, limit, taken, isActive, decayPerSecond }: LimitLine): object {
  return { kind, name, slots: limit, taken, active: isActive, decayPerSecond }
}

function slotsOf(text: string): number {
  const slots = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(slots) || slots < 0)
    throw new UsageError(`'${text}' is not a number of slots`, 'Write a whole number; 0 lets nobody in.')
  return slots
}

function rate(text: string): number {
  const slots = Number(text)
  if (text.trim() === '' || !Number.isFinite(slots) || slots < 0)
    throw new UsageError(`'${text}' is not a number of slots a second`, 'Write a number such as 0.5.')
  return slots
}
