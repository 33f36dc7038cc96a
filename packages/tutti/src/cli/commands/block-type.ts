import { findType, pageOption, typeArgument, typeJson } from '../blocks.ts'
import { blockMembers } from '../../core/block-input.ts'
import { isObject, secretPaths } from '../../core/block.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { cursorOption, LIMIT_DEFAULT } from '../options.ts'
import { printFields, printJson, printLine } from '../print.ts'
import { printPage } from '../table.ts'
import { UsageError } from '../usage-error.ts'

export const list = defineCommand({
  arguments: {},
  options: { limit: pageOption, cursor: cursorOption, json: jsonOption },
  examples: [],
  run: (world, { options: { limit = LIMIT_DEFAULT, cursor, json } }) =>
    withTutti(world, async ({ orchestrator: { blocks } }) => {
      const page = await blocks.types({ limit, ...(cursor === undefined ? undefined : { cursor }) })
      if (json) printJson(world.output, { items: page.items.map(typeJson), cursor: page.cursor })
      else
        printPage(
          world,
          page,
          [
            { title: 'TYPE', whole: true, cell: ({ slug }) => slug },
            { title: 'NAME', cell: ({ name }) => name },
            { title: 'FIELDS', cell: ({ fields }) => Object.keys(propertiesOf(fields)).join(', ') },
            { title: 'DESCRIPTION', cell: ({ description }) => description ?? '' },
          ],
          'No block types. Register those of a file with `tutti block register FILE`.',
        )
      return 0
    }),
})

export const inspect = defineCommand({
  about: 'Shows the fields that blocks of a type have: what each is, whether it is secret, and what may be left out.',
  arguments: { type: typeArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti block type inspect webhook', doc: 'What a block of this type is made of' }],
  run: (world, { arguments: { type: slug }, options }) =>
    withTutti(world, async ({ orchestrator: { blocks } }) => {
      const type = await findType(blocks, slug)
      const { output } = world
      if (options.json) {
        printJson(output, typeJson(type))
        return 0
      }
      printLine(output, type.slug)
      printFields(output, [
        ['name', type.name],
        ['id', type.id],
        ['description', type.description ?? undefined],
        ['docs', type.documentationUrl ?? undefined],
        ['can', type.capabilities.join(', ') || undefined],
      ])
      printLine(output)
      printFields(output, fieldTexts(type.fields))
      return 0
    }),
})

/** `port  integer, default 5432`. */
function fieldTexts(fields: string | null): readonly (readonly [string, string])[] {
  const schema = schemaOf(fields)
  const secrets = secretPaths(schema)
  const members = blockMembers(schema)
  const required: unknown = schema['required']
  return Object.entries(propertiesOf(fields)).map(([name, property]) => {
    const { type, default: value, description } = isObject(property) ? property : {}
    const isSecret = secrets.some((path) => path === name || path.startsWith(`${name}.`)) && !members.has(name)
    const said = [
      members.has(name) ? `a block of the type ${members.get(name)}` : typeof type === 'string' ? type : 'anything',
      ...(isSecret ? ['secret'] : []),
      ...(value === undefined ? [] : [`default ${JSON.stringify(value)}`]),
      ...(Array.isArray(required) && required.includes(name) ? [] : ['optional']),
    ].join(', ')
    return [name, typeof description === 'string' ? `${said}. ${description}` : said] as const
  })
}

function schemaOf(fields: string | null): Readonly<Record<string, unknown>> {
  const schema: unknown = fields === null ? {} : JSON.parse(fields)
  return isObject(schema) ? schema : {}
}

function propertiesOf(fields: string | null): Readonly<Record<string, unknown>> {
  const { properties } = schemaOf(fields)
  return isObject(properties) ? properties : {}
}

export const remove = defineCommand({
  about: "Deletes a type with its schemas and all its blocks. The server's own types stay.",
  arguments: { type: typeArgument },
  options: { yes: { short: 'y', doc: 'Do not ask' }, json: jsonOption },
  examples: [],
  run: (world, { arguments: { type: slug }, options }) =>
    withTutti(world, async ({ orchestrator: { blocks } }) => {
      await findType(blocks, slug)
      const { items } = await blocks.list({ slug, limit: 1 })
      if (items.length > 0 && !options.yes) {
        if (!world.interactive)
          throw new UsageError(`there are blocks of the type ${slug}, and there is nobody to ask`, 'Say so with --yes.')
        const answer = await world.ask(`There are blocks of the type ${slug}. Delete it with all of them? [y/N] `)
        if (!answer.trim().toLowerCase().startsWith('y')) {
          printLine(world.errors, 'Nothing was deleted.')
          return 1
        }
      }
      await blocks.removeType(slug)
      if (options.json) printJson(world.output, { deleted: slug })
      else printLine(world.output, `Deleted the block type ${slug}`)
      return 0
    }),
})
