import { parseDuration } from '../../core/duration.ts'
import { loadSettings } from '../../settings/load.ts'
import { defineCommand } from '../command.ts'
import { UsageError } from '../usage-error.ts'
import { ownVersion } from '../version.ts'

const LIMIT = 10
const WARM = 2

export const workerStart = defineCommand({
  about:
    'Waits for due runs of the work pool and runs each in a process of its own. Ctrl-C or SIGTERM let runs under way go on to their ends;\n' +
    'the second one stops them at once, and they go on elsewhere.',
  arguments: {},
  options: {
    pool: { value: 'NAME', doc: 'the work pool' },
    type: { value: 'TYPE', doc: 'the kind of pool; with it a pool that is missing is made. This worker serves process' },
    queue: { value: 'NAME', doc: 'only runs of this work queue', repeatable: true },
    name: { value: 'NAME', doc: 'tells this worker from others of its pool' },
    limit: { value: 'N', parse: countFrom(1), doc: `runs at once (default ${LIMIT})` },
    warm: {
      value: 'N',
      parse: countFrom(0),
      doc: `processes kept ready with the code of recent deployments (default ${WARM}); 0 saves memory`,
    },
    drain: {
      value: 'DURATION',
      parse: duration,
      doc: 'how long runs under way may go on after a stop (default 10m); then they go on elsewhere',
    },
  },
  examples: [
    { command: 'tutti worker start --pool local --type process', doc: 'Serve a pool on this machine, and make it when it is missing' },
    { command: 'tutti worker start --pool etl --queue urgent --limit 4', doc: 'Only the runs of one queue, four at once' },
  ],
  async run(world, { options: { pool, type, queue, name, limit = LIMIT, warm = WARM, drain = 600_000 } }) {
    if (pool === undefined)
      throw new UsageError('a worker needs a work pool', 'Name it with --pool NAME; --type process makes one that is missing.')
    const { startWorker } = await import('../../worker/index.ts')
    const settings = loadSettings(world.environment, world.readFile)
    const print = (line: string): void => world.errors.write(`${line}\n`)
    const worker = await startWorker({
      settings,
      version: ownVersion(),
      environment: world.environment,
      pool,
      type,
      queues: queue.length === 0 ? null : queue,
      name,
      limit,
      warm,
      drainMs: drain,
      print,
      echo: (line) => world.output.write(`${line}\n`),
    })
    const stopListening = world.listen({
      onStop(signal, again) {
        print(
          again
            ? `got ${signal} again: runs under way go on elsewhere`
            : `got ${signal}: no more runs are taken; those under way go on to their ends`,
        )
        if (again) worker.stopNow()
        else worker.stop()
      },
      onIdle: () => undefined,
      onExit: () => undefined,
    })
    world.output.write(`Worker ${worker.name} serves the work pool ${pool}\n`)
    await worker.ended
    stopListening()
    return 0
  },
})

function countFrom(least: number): (text: string) => number {
  return (text) => {
    const count = Number(text)
    if (!Number.isInteger(count) || count < least || text.trim() === '')
      throw new UsageError(`'${text}' is not a whole number from ${least} on`)
    return count
  }
}

function duration(text: string): number {
  return parseDuration(text, '--drain')
}
