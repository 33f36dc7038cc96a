import { formatDuration } from '../../core/duration.ts'
import { CATCH_UPS } from '../../core/maintenance-mode.ts'
import type { MaintenanceMode, MaintenanceStatus } from '../../core/maintenance-mode.ts'
import { after } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import type { OptionSpec } from '../command.ts'
import { withTutti } from '../connection.ts'
import { ago, timeOrNull } from '../moment.ts'
import { timeoutOption } from '../options.ts'
import { paint, printJson, printLine } from '../print.ts'
import type { World } from '../world.ts'

const poolOption = { value: 'POOL', doc: 'Only this work pool; default: everything of the server' } as const satisfies OptionSpec

const LOOK_MS = 500
const RECOVER_MAX = 200
const WAIT_DEFAULT_MS = 3_600_000

export const on = defineCommand({
  about:
    'Workers get nothing new to run; what runs goes on to its end, and schedules go on making runs. Nothing of pools, queues and deployments is changed.',
  arguments: {},
  options: { pool: poolOption, message: { value: 'TEXT', doc: 'Why, for those who wonder' }, json: jsonOption },
  examples: [{ command: 'tutti maintenance on --message "new disks"', doc: 'Start nothing new' }],
  run: (world, { options: { pool, message, json } }) =>
    withTutti(world, async ({ orchestrator: { maintenanceMode } }) => {
      const mode = await maintenanceMode.enter(pool ?? null, message ?? null)
      if (json) printJson(world.output, modeJson(mode))
      else {
        printLine(world.output, modeLine(world, mode))
        printLine(world.output, runningLine(await maintenanceMode.status(pool ?? null)))
      }
      return 0
    }),
})

export const off = defineCommand({
  about:
    'Everything goes on as it was. --catch-up says what becomes of runs that schedules made and whose time came meanwhile: all start late, latest keeps the newest of each schedule, none keeps none; what is left out ends as Skipped.',
  arguments: {},
  options: {
    pool: poolOption,
    catchUp: { value: 'WHICH', choices: CATCH_UPS, doc: 'all (default), latest or none' },
    json: jsonOption,
  },
  examples: [{ command: 'tutti maintenance off --catch-up latest', doc: 'Go on, with one late run of each schedule' }],
  run: (world, { options: { pool, catchUp, json } }) =>
    withTutti(world, async ({ orchestrator: { maintenanceMode } }) => {
      const ended = await maintenanceMode.leave(pool ?? null, catchUp ?? 'all')
      if (json) printJson(world.output, ended)
      else if (ended.wasOn) printLine(world.output, `Maintenance of ${nameOf(pool)} has ended${skippedText(ended.skipped)}.`)
      else printLine(world.output, `There was no maintenance of ${nameOf(pool)}.`)
      return 0
    }),
})

export const status = defineCommand({
  about: 'The exit code is 0 when something is in maintenance, and 1 when nothing is.',
  arguments: {},
  options: { pool: poolOption, json: jsonOption },
  examples: [{ command: 'tutti maintenance status', doc: 'Tell what is in maintenance, and what still runs' }],
  run: (world, { options: { pool, json } }) =>
    withTutti(world, async ({ orchestrator: { maintenanceMode } }) => {
      const found = await maintenanceMode.status(pool ?? null)
      if (json) printJson(world.output, statusJson(found))
      else {
        if (found.modes.length === 0) printLine(world.output, `There is no maintenance of ${nameOf(pool)}.`)
        for (const mode of found.modes) printLine(world.output, modeLine(world, mode))
        printLine(world.output, runningLine(found))
        for (const run of found.runs) printLine(world.output, `  ${run.name}  ${paint(world.output, 'dim', run.flowRunId)}`)
      }
      return found.modes.length === 0 ? 1 : 0
    }),
})

export const wait = defineCommand({
  about: 'Returns when nothing runs any more, with exit code 1 when the time is up before. It does not start maintenance.',
  arguments: {},
  options: {
    pool: poolOption,
    timeout: { ...timeoutOption, doc: 'How long to wait; default 1h' },
    json: jsonOption,
  },
  examples: [{ command: 'tutti maintenance on && tutti maintenance wait --timeout 10m', doc: 'Let everything end' }],
  run: (world, { options: { pool, timeout, json } }) =>
    withTutti(world, async ({ orchestrator: { maintenanceMode, flowRuns } }) => {
      const { clock, output } = world
      const waitMs = timeout ?? WAIT_DEFAULT_MS
      const deadline = after(clock.now(), waitMs)
      let found = await maintenanceMode.status(pool ?? null)
      while (found.running > 0 && clock.now() < deadline && !output.gone) {
        await clock.sleep(LOOK_MS)
        // Where no server does so, runs whose process died are found out here.
        await flowRuns.recover(RECOVER_MAX)
        found = await maintenanceMode.status(pool ?? null)
      }
      if (json) printJson(output, statusJson(found))
      else printLine(output, found.running === 0 ? runningLine(found) : `${runningLine(found)} That is so after ${formatDuration(waitMs)}.`)
      return found.running === 0 ? 0 : 1
    }),
})

function statusJson({ modes, running, runs }: MaintenanceStatus): object {
  return { modes: modes.map(modeJson), running, runs: runs.map((run) => ({ ...run, since: timeOrNull(run.since) })) }
}

function modeJson({ scope, message, startedAt }: MaintenanceMode): object {
  return { scope: scope.type, pool: scope.type === 'pool' ? scope.name : null, message, startedAt: timeOrNull(startedAt) }
}

function modeLine({ output, clock }: World, { scope, message, startedAt }: MaintenanceMode): string {
  const what = scope.type === 'server' ? 'Everything' : `The work pool ${scope.name}`
  return `${paint(output, 'yellow', `${what} is in maintenance`)} (begun ${ago(startedAt, clock.now())})${message === null ? '' : `: ${message}`}. Nothing new starts.`
}

function runningLine({ running }: MaintenanceStatus): string {
  return running === 0 ? 'Nothing runs.' : `${running} ${running === 1 ? 'run is' : 'runs are'} under way.`
}

function skippedText(skipped: number): string {
  return skipped === 0 ? '' : `; ${skipped} ${skipped === 1 ? 'run was' : 'runs were'} left out as Skipped`
}

function nameOf(pool: string | undefined): string {
  return pool === undefined ? 'the server' : `the work pool ${pool}`
}
