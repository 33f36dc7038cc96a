import { isObject } from '../../core/block.ts'
import { blockMembers, blockProblems, plainSecrets, readBlockPairs, requiredSecrets } from '../../core/block-input.ts'
import type { BlockData } from '../../core/block-input.ts'
import { TuttiError } from '../../core/errors.ts'
import { blockJson, findType, fullName, noBlock, parseBlockName } from '../blocks.ts'
import type { BlockName } from '../blocks.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { paint, printJson, printLine } from '../print.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

type Blocks = Parameters<typeof findType>[0]

const NAME = /^[a-z0-9-]+$/

export const create = defineCommand({
  about:
    'Makes a block of a type that is known (see `tutti block type ls`, `tutti block register`). A secret is asked for without showing it, or read from the standard input; env:NAME and file:/path say where whoever loads the block finds it.',
  arguments: { block: { doc: 'its type and its new name, as secret/api-token' } },
  options: {
    set: { short: 's', value: 'FIELD=VALUE', repeatable: true, doc: 'A field; of a field that holds a block, the name of that block' },
    secret: { value: 'FIELD', repeatable: true, doc: 'Asks for this field, or reads it from the standard input' },
    from: { value: 'FILE', doc: 'The fields as a JSON object; - for the standard input' },
    overwrite: { doc: 'The block may be there already, and is replaced' },
    json: jsonOption,
  },
  examples: [
    { command: 'tutti block create secret/api-token', doc: 'Asks for the secret' },
    { command: 'gcloud auth print-access-token | tutti block create secret/gcp --overwrite', doc: 'Reads the secret' },
    { command: 'tutti block create warehouse/main --set host=db --set password=env:DB_PASSWORD', doc: 'A secret that is kept elsewhere' },
    { command: 'tutti block create webhook/ops --from ops.json', doc: 'All fields from a file' },
  ],
  run: (world, { arguments: { block }, options }) =>
    withTutti(world, async ({ orchestrator: { blocks } }) => {
      const { slug, name } = parseBlockName(block)
      if (!NAME.test(name))
        throw new TuttiError('INVALID_BLOCK', `the name ${name} of a block has other characters than lowercase letters, numbers and dashes`)
      const type = await findType(blocks, slug)
      const schema: unknown = JSON.parse(type.fields ?? '{}')
      if (!isObject(schema)) throw new TuttiError('INVALID_BLOCK', `the block type ${slug} has no schema`)

      const typed = { ...(await readFields(world, options.from)), ...readBlockPairs(options.set, schema) }
      warn(world, readBlockPairs(options.set, schema), schema)
      const wanted = [...new Set([...options.secret, ...requiredSecrets(schema).filter((member) => typed[member] === undefined)])]
      const data = { ...typed, ...(await readSecrets(world, wanted, options.from === '-')) }
      const references = await referencesIn(blocks, data, { schema, block: { slug, name } })

      const problems = blockProblems(data, schema, Object.keys(references))
      if (problems.length > 0)
        throw new TuttiError(
          'INVALID_BLOCK',
          [`the block ${slug}/${name} is not valid:`, ...problems.map((each) => `- ${each}`)].join('\n'),
        )
      const text = JSON.stringify({ ...defaultsOf(schema), ...data, ...references })
      const saved = await blocks.save({ id: null, slug, name, data: text, types: [], overwrite: options.overwrite })
      if (options.json) printJson(world.output, blockJson(saved))
      else printLine(world.output, `Saved the block ${fullName(saved)}`)
      return 0
    }),
})

async function readFields(world: World, file: string | undefined): Promise<BlockData> {
  if (file === undefined) return {}
  const where = file === '-' ? 'the standard input' : file
  const text = file === '-' ? await world.readInput() : world.readFile(file)
  if (text === undefined) throw new UsageError(`there is no file ${file} to read the fields from`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // What is said of bad JSON repeats some of it, which may be a secret.
    throw new UsageError(`the fields in ${where} are not JSON`)
  }
  if (!isObject(value)) throw new UsageError(`the fields in ${where} are no object`, 'It has a member for each field.')
  return value
}

/** What was typed is kept by the shell, and seen by who lists processes. */
function warn({ errors }: World, typed: BlockData, schema: BlockData): void {
  for (const path of plainSecrets(typed, schema))
    printLine(
      errors,
      paint(
        errors,
        'yellow',
        `Warning: ${path} is a secret, and now stands in the history of your shell. Rather use --secret ${path}, or env:NAME.`,
      ),
    )
}

async function readSecrets(world: World, fields: readonly string[], isInputRead: boolean): Promise<BlockData> {
  if (fields.length === 0) return {}
  const given: Record<string, string> = {}
  if (world.interactive) {
    for (const field of fields) given[field] = await world.askSecret(`${field}: `)
  } else {
    const [first = '', ...more] = fields
    if (more.length > 0 || isInputRead)
      throw new UsageError(
        `${fields.join(' and ')} ${more.length > 0 ? 'are secrets' : 'is a secret'} that nobody can be asked for`,
        'Give env:NAME or file:/path with --set, or all fields as JSON with --from.',
      )
    given[first] = (await world.readInput()).replace(/\r?\n$/, '')
  }
  for (const [field, value] of Object.entries(given))
    if (value === '')
      throw new UsageError(`the secret ${field} is empty`, `Type it, pipe it in, or say with --set ${field}=env:NAME where it is kept.`)
  return given
}

/** Blocks that are named, as they are stored. */
async function referencesIn(
  blocks: Blocks,
  data: BlockData,
  { schema, block }: { readonly schema: BlockData; readonly block: BlockName },
): Promise<BlockData> {
  const references: Record<string, unknown> = {}
  for (const [member, slug] of blockMembers(schema)) {
    const name = data[member]
    if (typeof name !== 'string') continue
    const found = await blocks.find(slug, name, 'hidden')
    if (found === null) throw await noBlock(blocks, { slug, name }, `, which ${member} of ${fullName(block)} refers to`)
    references[member] = { $ref: { block_document_id: found.id } }
  }
  return references
}

/** Whoever reads the block without its schema sees them too. */
function defaultsOf({ properties }: BlockData): BlockData {
  return Object.fromEntries(
    Object.entries(isObject(properties) ? properties : {}).flatMap(([member, property]) =>
      isObject(property) && property['default'] !== undefined ? [[member, property['default']] as const] : [],
    ),
  )
}
