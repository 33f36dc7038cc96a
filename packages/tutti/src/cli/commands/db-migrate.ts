import { describeLocation } from '../../core/database-location.ts'
import { loadSettings } from '../../settings/load.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { UsageError } from '../usage-error.ts'

export const migrate = defineCommand({
  about:
    'Copies runs, their history, logs and results into an empty PostgreSQL database, then compares every table. What is here stays as it is.\n' +
    'Stop the server and running flows first. Interrupted, the same command goes on where it was.',
  arguments: {},
  options: { to: { value: 'URL', doc: 'the target: postgres://user:password@host:5432/database' }, json: jsonOption },
  examples: [{ command: 'tutti db migrate --to postgres://tutti@db.internal/tutti', doc: 'From the embedded file to a server' }],
  async run(world, { options }) {
    if (options.to === undefined)
      throw new UsageError('the target is missing', 'Name it: tutti db migrate --to postgres://user@host/database')
    const settings = loadSettings(world.environment, world.readFile)
    const { database: to } = loadSettings({ ...world.environment, TUTTI_DATABASE_URL: options.to }, world.readFile)
    const { transferDatabase } = await import('../../server/index.ts')
    const stop = new AbortController()
    const stopListening = world.listen({
      onStop: (signal) => stop.abort(new UsageError(`stopped by ${signal}`, 'The same command goes on where it was.')),
      onIdle: () => undefined,
      onExit: () => undefined,
    })
    try {
      const shown = new Map<string, number>()
      const { tables, results } = await transferDatabase({
        settings,
        to,
        signal: stop.signal,
        onProgress(what, rows) {
          if (options.json || rows < (shown.get(what) ?? 0) + 100_000) return
          shown.set(what, rows)
          world.errors.write(`${what}: ${rows.toLocaleString('en')}\n`)
        },
      })
      if (options.json) printJson(world.output, { to: describeLocation(to), tables, results })
      else {
        for (const { table, rows, checksum } of tables) {
          if (rows > 0) printLine(world.output, `${table}: ${rows.toLocaleString('en')} rows, ${checksum.slice(0, 12)} on both sides`)
        }
        printLine(
          world.output,
          `Everything is in ${describeLocation(to)}, and ${results.toLocaleString('en')} results. Point TUTTI_DATABASE_URL at it.`,
        )
      }
      return 0
    } finally {
      stopListening()
    }
  },
})
