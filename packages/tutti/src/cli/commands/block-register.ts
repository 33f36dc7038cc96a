import { existsSync } from 'node:fs'
import path from 'node:path'
import { TuttiError } from '../../core/errors.ts'
import type { AnyBlock } from '../../index.ts'
import { blockTypesOf } from '../block-file.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { printJson, printLine } from '../print.ts'
import { UsageError } from '../usage-error.ts'

export const register = defineCommand({
  about:
    'Saves the block types that files export, as `defineBlock()` makes them, so that blocks of them can be made by `tutti block create` and on the dashboard.',
  arguments: { files: { doc: 'TypeScript or JavaScript files that export block types', many: true } },
  options: { json: { ...jsonOption, doc: 'Print one JSON object per line, one for each type' } },
  examples: [{ command: 'tutti block register blocks.ts', doc: 'Every block type that the file exports' }],
  run: async (world, { arguments: { files }, options }) => {
    const types: AnyBlock[] = []
    for (const file of files) {
      if (!existsSync(file)) throw new TuttiError('ENTRYPOINT_NOT_FOUND', `there is no file ${path.resolve(file)}`)
      const found = await blockTypesOf(world, file)
      if (found.length === 0)
        throw new UsageError(
          `${file} exports no block type`,
          'Export what defineBlock() gives: `export const Warehouse = defineBlock({ … })`.',
        )
      types.push(...found)
    }
    return withTutti(world, async () => {
      for (const type of types) {
        await type.register()
        if (options.json) printJson(world.output, { registered: type.slug, name: type.typeName })
        else printLine(world.output, `Registered the block type ${type.slug} (${type.typeName})`)
      }
      return 0
    })
  },
})
