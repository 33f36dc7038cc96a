import { loadSettings } from '../../settings/load.ts'
import type { Settings } from '../../settings/load.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { printFields, printJson, printLine } from '../print.ts'
import { renderTable } from '../table.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

export const status = defineCommand({
  about: 'Names say which key it is, and nothing about it. What is sealed with an unknown key cannot be read until that key is there.',
  arguments: {},
  options: { json: jsonOption },
  examples: [],
  async run(world, { options }) {
    const { secretsStatus } = await import('../../server/index.ts')
    const found = await secretsStatus(settingsHere(world))
    if (options.json) {
      printJson(world.output, found)
      return 0
    }
    printFields(world.output, [['Key file', found.file]])
    const columns = [
      { title: 'KEY', cell: ({ name }: (typeof found.keys)[number]) => name, whole: true },
      { title: 'FROM', cell: ({ from }: (typeof found.keys)[number]) => from },
      { title: 'BLOCKS', cell: ({ documents }: (typeof found.keys)[number]) => documents.toLocaleString('en'), align: 'right' },
      { title: 'SEALS', cell: ({ isNewest }: (typeof found.keys)[number]) => (isNewest ? 'yes' : '') },
    ] as const
    world.output.write(renderTable(found.keys, columns, world.output))
    return 0
  },
})

export const rotate = defineCommand({
  about:
    'Makes a new key in the key file of the home, or takes the one that TUTTI_ENCRYPTION_KEY says, and seals every block with it. Servers go on\n' +
    'meanwhile; those of other machines have to know the new key before. Interrupted, the same command goes on where it was. Old keys stay until\n' +
    '`tutti secrets forget`. With PostgreSQL a new key in the file is refused, as the files of other machines would not have it.',
  arguments: {},
  options: {
    'only-machine': { doc: 'No other machine uses this database: a new key in the file of this one is enough' },
    json: jsonOption,
  },
  examples: [{ command: 'tutti secrets rotate', doc: 'A new key for everything' }],
  async run(world, { options }) {
    const settings = settingsHere(world)
    const { rotateSecrets } = await import('../../server/index.ts')
    const stop = new AbortController()
    const stopListening = world.listen({
      onStop: (signal) => stop.abort(new UsageError(`stopped by ${signal}`, 'The same command goes on where it was.')),
      onIdle: () => undefined,
      onExit: () => undefined,
    })
    try {
      const rotated = await rotateSecrets({
        settings,
        isOnlyMachine: options['only-machine'],
        signal: stop.signal,
        onProgress(documents) {
          if (!options.json && documents % 10_000 === 0) world.errors.write(`${documents.toLocaleString('en')} blocks\n`)
        },
      })
      if (options.json) printJson(world.output, rotated)
      else
        printLine(
          world.output,
          `${rotated.documents.toLocaleString('en')} blocks are sealed with ${rotated.how === 'made' ? 'the new key' : 'the key'} ${rotated.key}. Keep a copy of it apart from the database; \`tutti secrets forget\` removes the old keys.`,
        )
      return 0
    } finally {
      stopListening()
    }
  },
})

export const forget = defineCommand({
  about:
    'Takes the keys out of the key file of the home with which nothing is sealed any more. Copies of the database made before still need them.',
  arguments: {},
  options: { json: jsonOption },
  examples: [],
  async run(world, { options }) {
    const { forgetKeys } = await import('../../server/index.ts')
    const forgotten = await forgetKeys(settingsHere(world))
    if (options.json) printJson(world.output, { forgotten })
    else printLine(world.output, forgotten.length === 0 ? 'There were no old keys.' : `Forgotten: ${forgotten.join(', ')}`)
    return 0
  },
})

/** Keys are with the database: another machine's server looks after its own. */
function settingsHere(world: World): Settings {
  const settings = loadSettings(world.environment, world.readFile)
  if (settings.apiUrl !== '')
    throw new UsageError(
      `TUTTI_API_URL names the server ${settings.apiUrl}, which keeps its keys itself`,
      'Run the command where that server runs, with its settings and without TUTTI_API_URL.',
    )
  return settings
}
