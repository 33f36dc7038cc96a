import { rmSync } from 'node:fs'
import path from 'node:path'
import { describeLocation } from '../../core/database-location.ts'
import { isTuttiError, TuttiError } from '../../core/errors.ts'
import { describeHolder } from '../../core/flow-run.ts'
import { PAGE_LIMIT_MAX } from '../../core/query.ts'
import { isTerminal, STATE_TYPES } from '../../core/state.ts'
import { loadSettings } from '../../settings/load.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { withTutti } from '../connection.ts'
import { printJson, printLine } from '../print.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

export const reset = defineCommand({
  about: 'Deletes everything recorded: runs, logs, results, cached results. Settings stay. Refused while a process works on a run.',
  arguments: {},
  options: { yes: { short: 'y', doc: 'Do not ask' }, json: jsonOption },
  examples: [{ command: 'tutti db reset --yes', doc: 'Begin with an empty database, in a script' }],
  run: async (world, { options }) => {
    const { home, database } = loadSettings(world.environment, (file) => world.readFile(file))
    if (database.type === 'postgres')
      throw new TuttiError('NOT_FOR_POSTGRES', `the database ${describeLocation(database)} is on a server and is not deleted from here`)
    const { path: databasePath } = database
    if (databasePath === ':memory:') {
      printLine(world.output, 'The database is in memory only; there is nothing to delete.')
      return 0
    }
    const runs = await countRuns(world)
    if (!options.yes && !(await isAgreed(world, databasePath, runs))) {
      printLine(world.errors, 'Nothing was deleted.')
      return 1
    }
    // The log goes before the database: one without the other would be read as the rest of a new one.
    for (const file of [`${databasePath}-wal`, `${databasePath}-shm`, databasePath]) rmSync(file, { force: true })
    rmSync(path.join(home, 'results'), { recursive: true, force: true })
    if (options.json) printJson(world.output, { deleted: databasePath, flowRuns: runs ?? null })
    else printLine(world.output, `Deleted ${databasePath}${runs === undefined ? '' : ` with ${runs} flow runs`}`)
    return 0
  },
})

async function isAgreed(world: World, databasePath: string, runs: number | undefined): Promise<boolean> {
  if (!world.interactive) throw new UsageError('tutti db reset asks before it deletes, and there is nobody to ask', 'Say so with --yes.')
  const what = runs === undefined ? 'everything in it' : `its ${runs} flow runs with their logs and results`
  const answer = await world.ask(`Delete ${databasePath} and ${what}? [y/N] `)
  return answer.trim().toLowerCase().startsWith('y')
}

/** How many runs would be lost; `undefined` for a database that cannot be read, which may be deleted too. */
async function countRuns(world: World): Promise<number | undefined> {
  try {
    return await withTutti(world, async ({ orchestrator }) => {
      const unended = STATE_TYPES.filter((type) => !isTerminal(type))
      const held = (await orchestrator.flowRuns.list({ states: unended, limit: PAGE_LIMIT_MAX })).items.find((run) => run.lease !== null)
      if (held !== undefined && held.lease !== null)
        throw new TuttiError(
          'TRANSITION_REJECTED',
          `flow run ${held.name} (${held.id}) is ${held.state.name}, held by ${describeHolder(held.lease.holder)}: cancel it first`,
        )
      return (await orchestrator.maintenance.info()).rows['flow_runs']
    })
  } catch (error) {
    if (isTuttiError(error, 'STORE_TOO_NEW') || isTuttiError(error, 'STORE_FAILED')) return undefined
    throw error
  }
}
