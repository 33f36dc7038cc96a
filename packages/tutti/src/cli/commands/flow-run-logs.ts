import { LOG_LEVELS } from '../../core/log.ts'
import type { LogLevel, LogRecord } from '../../core/log.ts'
import { PAGE_LIMIT_MAX } from '../../core/query.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { findRun, withTutti } from '../connection.ts'
import { LogFeed, logLine } from '../log-feed.ts'
import { limitUpTo, runArgument } from '../options.ts'
import { printJson, printLine } from '../print.ts'
import { logJson } from '../run-json.ts'
import { waitForEnd } from '../wait-for-end.ts'

export const logs = defineCommand({
  arguments: { run: runArgument },
  options: {
    level: {
      value: 'LEVEL',
      choices: Object.keys(LOG_LEVELS) as LogLevel[], // its keys are the levels
      doc: 'Only lines of this level or above',
    },
    taskRun: { value: 'ID', doc: 'Only lines of this task run' },
    tail: { short: 'n', value: 'NUMBER', parse: limitUpTo(PAGE_LIMIT_MAX), doc: 'Only the newest lines, so many' },
    follow: { short: 'f', doc: 'Go on with new lines until the run ends' },
    json: { ...jsonOption, doc: 'Print one JSON object per line' },
  },
  examples: [{ command: 'tutti flow-run logs brave-otter --level warn', doc: 'What a run warned about' }],
  run: (world, { arguments: { run: reference }, options }) =>
    withTutti(world, async (tutti) => {
      const run = await findRun(tutti, reference)
      const query = {
        flowRunId: run.id,
        ...(options.level !== undefined && { levelMin: LOG_LEVELS[options.level] }),
        ...(options.taskRun !== undefined && { taskRunId: options.taskRun }),
      }
      const print = (record: LogRecord): void =>
        options.json ? printJson(world.output, logJson(record)) : printLine(world.output, logLine(world.output, record))
      const feed = new LogFeed(tutti, query)
      if (options.tail === undefined) {
        await feed.read(print)
      } else {
        const newest = await tutti.orchestrator.logs.list({ ...query, order: 'newest', limit: options.tail })
        for (const record of newest.items.toReversed()) print(record)
        if (options.follow) await feed.read(() => undefined)
      }
      if (options.follow) await waitForEnd(world, tutti, run.id, { timeoutMs: null, each: () => feed.read(print) })
      return 0
    }),
})
