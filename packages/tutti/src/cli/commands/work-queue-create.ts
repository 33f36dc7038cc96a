import { defineCommand, jsonOption } from '../command.ts'
import { findPool, findQueue, limitValue, queueJson } from '../pools.ts'
import { printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import type { Client } from '../server.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

const pool = { short: 'p', value: 'NAME', doc: 'The work pool of the queue' } as const
const queueArgument = { doc: 'the work queue by its name' } as const
const options = {
  pool,
  limit: { value: 'NUMBER', parse: limitValue, doc: 'Runs at once; none takes the limit away' },
  priority: { value: 'NUMBER', parse: priority, doc: '1 goes first' },
  description: { value: 'TEXT', doc: 'What the queue is for' },
  json: jsonOption,
} as const

export const create = defineCommand({
  arguments: { queue: { doc: 'the name of the new queue' } },
  options,
  examples: [{ command: 'tutti work-queue create urgent --pool local --priority 1', doc: 'A queue that goes before the others' }],
  run: (world, { arguments: { queue: name }, options: typed }) =>
    withServer(world, async (client) => {
      const of = needed(typed.pool)
      await findPool(client, of)
      const queue = await client.poolQueues.create({ work_pool_name: of, body: { name, ...bodyOf(typed) } })
      if (typed.json) printJson(world.output, queueJson(queue))
      else printLine(world.output, `Made work queue ${name} in ${of} with priority ${queue.priority}`)
      return 0
    }),
})

export const update = defineCommand({
  arguments: { queue: queueArgument },
  options,
  examples: [{ command: 'tutti work-queue update urgent --pool local --limit 2', doc: 'Two runs at once' }],
  run: (world, { arguments: { queue }, options: typed }) => {
    if (typed.limit === undefined && typed.priority === undefined && typed.description === undefined)
      throw new UsageError('nothing is said to change', 'Give --limit, --priority or --description.')
    return change(world, { pool: typed.pool, queue, asJson: typed.json }, `Changed`, (client, of) =>
      client.poolQueues.update({ work_pool_name: of, name: queue, body: bodyOf(typed) }),
    )
  },
})

export const pause = defineCommand({
  about: 'Nothing is taken from a paused queue; what is due waits.',
  arguments: { queue: queueArgument },
  options: { pool, json: jsonOption },
  examples: [{ command: 'tutti work-queue pause urgent --pool local', doc: 'Let its runs wait' }],
  run: (world, { arguments: { queue }, options: typed }) =>
    change(world, { pool: typed.pool, queue, asJson: typed.json }, 'Paused', (client, of) =>
      client.poolQueues.update({ work_pool_name: of, name: queue, body: { is_paused: true } }),
    ),
})

export const resume = defineCommand({
  arguments: { queue: queueArgument },
  options: { pool, json: jsonOption },
  examples: [],
  run: (world, { arguments: { queue }, options: typed }) =>
    change(world, { pool: typed.pool, queue, asJson: typed.json }, 'Resumed', (client, of) =>
      client.poolQueues.update({ work_pool_name: of, name: queue, body: { is_paused: false } }),
    ),
})

export const remove = defineCommand({
  about: 'Deletes a queue; its runs stay.',
  arguments: { queue: queueArgument },
  options: { pool, json: jsonOption },
  examples: [],
  run: (world, { arguments: { queue: name }, options: typed }) =>
    withServer(world, async (client) => {
      const of = needed(typed.pool)
      await findQueue(client, of, name)
      await client.poolQueues.remove({ work_pool_name: of, name })
      if (typed.json) printJson(world.output, { deleted: name, pool: of })
      else printLine(world.output, `Deleted work queue ${name} of ${of}`)
      return 0
    }),
})

function change(
  world: World,
  { pool: given, queue, asJson }: { readonly pool: string | undefined; readonly queue: string; readonly asJson: boolean },
  done: string,
  write: (client: Client, pool: string) => Promise<unknown>,
): Promise<number> {
  return withServer(world, async (client) => {
    const of = needed(given)
    await findQueue(client, of, queue)
    await write(client, of)
    if (asJson) printJson(world.output, queueJson(await client.poolQueues.read({ work_pool_name: of, name: queue })))
    else printLine(world.output, `${done} work queue ${queue} of ${of}`)
    return 0
  })
}

function bodyOf(typed: {
  readonly limit: number | null | undefined
  readonly priority: number | undefined
  readonly description: string | undefined
}) {
  return {
    ...(typed.limit !== undefined && { concurrency_limit: typed.limit }),
    ...(typed.priority !== undefined && { priority: typed.priority }),
    ...(typed.description !== undefined && { description: typed.description }),
  }
}

function needed(given: string | undefined): string {
  if (given === undefined) throw new UsageError('a work queue belongs to a work pool', 'Name the pool with --pool.')
  return given
}

function priority(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new UsageError(`'${text}' is not a priority`, 'Write a whole number from 1 on; 1 goes first.')
  return number
}
