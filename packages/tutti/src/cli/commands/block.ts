import { isObject } from '../../core/block.ts'
import type { BlockAccess, StoredBlock } from '../../core/block-access.ts'
import { catalog } from '../../core/errors.ts'
import { blockJson, blockArgument, blocksArgument, findBlock, findType, fullName, noBlock, pageOption, parseBlockName } from '../blocks.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import type { Page } from '../../core/query.ts'
import { ago, stamp } from '../moment.ts'
import { cursorOption, LIMIT_DEFAULT } from '../options.ts'
import { paint, printFields, printJson, printLine } from '../print.ts'
import { printPage } from '../table.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

export const list = defineCommand({
  about: 'Blocks are typed settings that flows load by name; what they hold is sealed, and secrets are never shown.',
  arguments: {},
  options: {
    type: { value: 'SLUG', doc: 'Only blocks of this type' },
    limit: pageOption,
    cursor: cursorOption,
    json: jsonOption,
  },
  examples: [{ command: 'tutti block ls --type secret', doc: 'The secrets there are' }],
  run: (world, { options: { type, limit = LIMIT_DEFAULT, cursor, json } }) =>
    withTutti(world, async ({ orchestrator: { blocks } }) => {
      if (type !== undefined) await findType(blocks, type)
      const page = await blocks.list({
        limit,
        ...(type === undefined ? undefined : { slug: type }),
        ...(cursor === undefined ? undefined : { cursor }),
      })
      const now = world.clock.now()
      if (json) printJson(world.output, { items: page.items.map(blockJson), cursor: page.cursor })
      else
        printPage(
          world,
          page,
          [
            { title: 'BLOCK', whole: true, cell: fullName },
            {
              title: 'TYPE',
              cell: ({ typeName, isLocked }, to) => (isLocked ? `${typeName} ${paint(to, 'yellow', '(locked)')}` : typeName),
            },
            { title: 'CHANGED', cell: ({ updatedAt }) => ago(updatedAt, now) },
            { title: 'ID', whole: true, cell: ({ id }, to) => paint(to, 'dim', id) },
          ],
          'No blocks. Make one with `tutti block create secret/NAME`.',
        )
      return 0
    }),
})

export const inspect = defineCommand({
  about: 'Shows what a block holds, with asterisks in place of secrets.',
  arguments: { block: blockArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti block inspect warehouse/main', doc: 'Its fields, and the blocks it refers to' }],
  run: (world, { arguments: { block }, options }) =>
    withTutti(world, async ({ orchestrator: { blocks } }) => {
      const found = await findBlock(blocks, parseBlockName(block))
      if (options.json) printJson(world.output, blockJson(found))
      else show(world, found)
      return 0
    }),
})

function show({ output, clock }: World, block: StoredBlock): void {
  const data = JSON.parse(block.data) as Readonly<Record<string, unknown>> // the data of a block is an object
  printLine(output, fullName(block))
  printFields(output, [
    ['type', block.typeName],
    ['id', block.id],
    ['made', stamp(block.createdAt)],
    ['changed', `${stamp(block.updatedAt)} (${ago(block.updatedAt, clock.now())})`],
  ])
  printLine(output)
  if (block.isLocked) {
    printLine(output, 'It is locked: it was sealed with a key that is not here.')
    printLine(output, catalog.SECRETS_LOCKED.fix)
    return
  }
  printFields(
    output,
    inOrder(data, block.fields).map(([member, value]) => {
      const to = block.references[member]
      return [member, to === undefined ? shown(value) : fullName(to)] as const
    }),
  )
}

/** As the fields of its type stand. */
function inOrder(data: Readonly<Record<string, unknown>>, fields: string): readonly (readonly [string, unknown])[] {
  const { properties } = JSON.parse(fields) as { readonly properties?: object } // the fields are a schema
  const order = Object.keys(properties ?? {})
  const place = (member: string): number => (order.includes(member) ? order.indexOf(member) : order.length)
  return Object.entries(data).toSorted(([one], [other]) => place(one) - place(other))
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value, null, 2) : JSON.stringify(value)
}

export const remove = defineCommand({
  about: 'Flows that load a block that is gone fail, and so do those that load a block which refers to it.',
  arguments: { blocks: blocksArgument },
  options: {
    yes: { short: 'y', doc: 'Do not ask, also where others refer to it' },
    json: { ...jsonOption, doc: 'Print one JSON object per line, one for each block' },
  },
  examples: [{ command: 'tutti block delete secret/api-token', doc: 'One block' }],
  run: (world, { arguments: { blocks: names }, options }) =>
    withTutti(world, async ({ orchestrator: { blocks } }) => {
      const found: StoredBlock[] = []
      for (const name of names) found.push(await findBlock(blocks, parseBlockName(name)))
      const users = options.yes ? [] : await usersOf(blocks, found)
      if (users.length > 0) {
        const said = `${users.map(fullName).join(', ')} ${users.length === 1 ? 'refers' : 'refer'} to what is to be deleted`
        if (!world.interactive) throw new UsageError(`${said}, and there is nobody to ask`, 'Say so with --yes.')
        const answer = await world.ask(`${said}. Delete it all the same? [y/N] `)
        if (!answer.trim().toLowerCase().startsWith('y')) {
          printLine(world.errors, 'Nothing was deleted.')
          return 1
        }
      }
      for (const block of found) {
        if (!(await blocks.remove(block.slug, block.name))) throw await noBlock(blocks, block)
        if (options.json) printJson(world.output, { deleted: block.id, type: block.slug, name: block.name })
        else printLine(world.output, `Deleted the block ${fullName(block)}`)
      }
      return 0
    }),
})

const LOOKED_AT_ONCE = 200
/** Blocks that are looked at for references. */
const LOOKED_AT_MAX = 10_000

/** The other blocks that refer to some of these themselves. */
async function usersOf(blocks: BlockAccess, found: readonly StoredBlock[]): Promise<readonly StoredBlock[]> {
  const ids = new Set(found.map(({ id }) => id))
  const users: StoredBlock[] = []
  let cursor: string | null = null
  for (let looked = 0; looked < LOOKED_AT_MAX; looked += LOOKED_AT_ONCE) {
    const page: Page<StoredBlock> = await blocks.list({ limit: LOOKED_AT_ONCE, ...(cursor === null ? undefined : { cursor }) })
    users.push(...page.items.filter(({ id, references }) => !ids.has(id) && Object.values(references).some((to) => ids.has(to.id))))
    cursor = page.cursor
    if (cursor === null) break
  }
  return users
}
