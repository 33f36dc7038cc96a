import { CATALOGUE } from '../../core/worker-catalogue.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findPool, limitValue, poolArgument, poolJson, readTemplate } from '../pools.ts'
import { printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import { UsageError } from '../usage-error.ts'

const options = {
  limit: { value: 'NUMBER', parse: limitValue, doc: 'Runs at once; none takes the limit away' },
  description: { value: 'TEXT', doc: 'What the pool is for' },
  template: { value: 'FILE', doc: 'The base job template as JSON: job_configuration and variables; - for the standard input' },
  json: jsonOption,
} as const

export const create = defineCommand({
  about: 'Workers take what is due from a pool. Its job template says how they start a run, and which values a deployment may set.',
  arguments: { name: { doc: 'the name of the new pool' } },
  options: {
    type: { value: 'TYPE', doc: 'What its workers start runs with; default process' },
    ...options,
    paused: { doc: 'Nothing is taken from it until it is resumed' },
  },
  examples: [
    { command: 'tutti work-pool create local', doc: 'A pool whose workers start processes' },
    { command: 'tutti work-pool create big --limit 4 --template job.json', doc: 'With four runs at once and a job template' },
  ],
  run: async (world, { arguments: { name }, options: typed }) => {
    const type = typed.type ?? 'process'
    const template = typed.template === undefined ? templateOf(type) : await readTemplate(world, typed.template)
    return withServer(world, async (client) => {
      const pool = await client.workPools.create({
        body: {
          name,
          type,
          is_paused: typed.paused,
          ...(template !== undefined && { base_job_template: template }),
          ...(typed.limit !== undefined && { concurrency_limit: typed.limit }),
          ...(typed.description !== undefined && { description: typed.description }),
        },
      })
      if (typed.json) printJson(world.output, poolJson(pool))
      else printLine(world.output, `Made work pool ${pool.name} of type ${pool.type}`)
      return 0
    })
  },
})

export const update = defineCommand({
  arguments: { pool: poolArgument },
  options,
  examples: [
    { command: 'tutti work-pool update local --limit 10', doc: 'Ten runs at once' },
    { command: 'tutti work-pool update local --limit none', doc: 'As many as workers take' },
  ],
  run: async (world, { arguments: { pool: name }, options: typed }) => {
    if (typed.limit === undefined && typed.description === undefined && typed.template === undefined)
      throw new UsageError('nothing is said to change', 'Give --limit, --description or --template.')
    const template = typed.template === undefined ? undefined : await readTemplate(world, typed.template)
    return withServer(world, async (client) => {
      await findPool(client, name)
      await client.workPools.update({
        name,
        body: {
          ...(template !== undefined && { base_job_template: template }),
          ...(typed.limit !== undefined && { concurrency_limit: typed.limit }),
          ...(typed.description !== undefined && { description: typed.description }),
        },
      })
      if (typed.json) printJson(world.output, poolJson(await client.workPools.read({ name })))
      else printLine(world.output, `Changed work pool ${name}`)
      return 0
    })
  },
})

/** What a pool of a known type starts its jobs from. */
function templateOf(type: string): Record<string, unknown> | undefined {
  for (const kinds of Object.values(CATALOGUE)) {
    const kind = kinds[type]
    if (typeof kind === 'object' && kind !== null && 'default_base_job_configuration' in kind)
      return { ...(kind.default_base_job_configuration as object) } // as every kind of the catalogue has it
  }
  return undefined
}
