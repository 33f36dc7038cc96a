import { existsSync } from 'node:fs'
import path from 'node:path'
import { loadSettings } from '../../settings/load.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { printJson, printLine } from '../print.ts'
import { UsageError } from '../usage-error.ts'
import { formatBytes } from './db-info.ts'

export const vacuum = defineCommand({
  about: 'Gives the space of deleted runs back to the disk. Needs as much free space as the database takes; others wait meanwhile.',
  arguments: {},
  options: { json: jsonOption },
  examples: [],
  run: (world, { options }) =>
    withTutti(world, async ({ orchestrator: { maintenance } }) => {
      const before = await maintenance.info()
      await maintenance.vacuum()
      const after = await maintenance.info()
      if (options.json) printJson(world.output, { location: after.location, bytesBefore: before.sizeBytes, bytesAfter: after.sizeBytes })
      else printLine(world.output, `${before.location}: ${formatBytes(before.sizeBytes)} before, ${formatBytes(after.sizeBytes)} after`)
      return 0
    }),
})

export const backup = defineCommand({
  about:
    'Writes a consistent copy of the database while runs and the server of this home go on. Large results are copied to `PATH.results`.',
  arguments: { path: { doc: 'the file to write; it must not exist yet' } },
  options: { json: jsonOption },
  examples: [{ command: 'tutti db backup /backups/tutti.db', doc: 'A copy of everything recorded' }],
  async run(world, { arguments: { path: given }, options }) {
    const file = path.resolve(given)
    if (existsSync(file)) throw new UsageError(`${file} exists already`, 'Name a new file; a backup overwrites nothing.')
    const settings = loadSettings(world.environment, world.readFile)
    const { backUpDatabase, findServer } = await import('../../server/index.ts')
    // The server of this home need not stop for it; one that is named by its address may be anywhere.
    if (settings.apiUrl === '' && findServer(settings.home) !== undefined) await backUpDatabase(settings, file)
    else await withTutti(world, ({ orchestrator: { maintenance } }) => maintenance.backup(file))
    if (options.json) printJson(world.output, { path: file })
    else printLine(world.output, `Wrote ${file}`)
    return 0
  },
})
