// Logs as views show them, beside the protocol: pages in both directions, text that is found, lines of all runs.
import { z } from 'zod'
import { LOG_LEVELS } from '../core/log.ts'
import { HITS_MAX, LOG_LINES_MAX, LOG_TEXT_MAX } from '../core/log-page.ts'
import type { Excerpt, FoundInLog, LogPage, LogPlace, Looked, SearchedLogs } from '../core/log-page.ts'
import { endpoint } from './endpoint.ts'
import { logToWire, logWire } from './logs.ts'
import { PAGE_MAX } from './page.ts'
import { count, idParams, queryLimit } from './shapes.ts'
import { instant, integerBetween, timeText, uuid, wire } from './values.ts'

/** A level by its number or its name: lines of it and above. */
const level = z
  .union([
    z.enum(['DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR', 'CRITICAL', 'debug', 'info', 'warn', 'warning', 'error', 'critical']),
    z.coerce.number().pipe(z.int()),
  ])
  .transform((given): number => (typeof given === 'number' ? given : LEVELS[given.toLowerCase() as keyof typeof LEVELS])) // one of the names
const LEVELS = { ...LOG_LEVELS, warning: LOG_LEVELS.warn, critical: 50 } as const

const cursor = z.string().nullable()

const linesQuery = z
  .object({
    around: uuid.optional(),
    before: z.string().optional(),
    after: z.string().optional(),
    tail: z.enum(['0', '1', 'true', 'false']).optional(),
    limit: queryLimit(LOG_LINES_MAX, 200),
    level: level.optional(),
    task_run_id: uuid.optional(),
  })
  .transform(({ around, before, after, tail, limit, level: levelMin = null, task_run_id: taskRunId = null }, context) => {
    const places: LogPlace[] = [
      ...(around === undefined ? [] : [{ at: 'around', logId: around } as const]),
      ...(before === undefined ? [] : [{ at: 'before', cursor: before } as const]),
      ...(after === undefined ? [] : [{ at: 'after', cursor: after } as const]),
      ...(tail === '1' || tail === 'true' ? [{ at: 'end' } as const] : []),
    ]
    if (places.length > 1) context.addIssue({ code: 'custom', message: 'Give one of around, before, after and tail.' })
    const [place = { at: 'start' } as const] = places
    return { place, limit, levelMin, taskRunId }
  })

const linesWire = z.object({ lines: z.array(logWire), before: cursor, after: cursor, more_after: z.boolean() }).meta({ id: 'LogPage' })

export function linesToWire({ lines, before, after, hasMoreAfter }: LogPage): z.input<typeof linesWire> {
  return { lines: lines.map(logToWire), before, after, more_after: hasMoreAfter }
}

const excerptWire = z.object({ text: z.string(), matches: z.array(z.tuple([count, count])), cut: z.boolean() }).meta({ id: 'Excerpt' })

function excerptToWire({ text, matches, isCut }: Excerpt): z.input<typeof excerptWire> {
  return { text, matches: matches.map(([from, to]) => [from, to]), cut: isCut }
}

const looked = { looked: count, looked_until: wire.time.nullable(), more: z.boolean(), cursor }

function lookedToWire({ looked: lines, lookedUntil, cursor: place }: Looked) {
  return { looked: lines, looked_until: timeText(lookedUntil), more: place !== null, cursor: place }
}

const foundWire = z
  .object({
    hits: z.array(
      z.object({
        id: wire.uuid,
        timestamp: wire.time,
        level: z.int(),
        name: z.string(),
        task_run_id: wire.uuid.nullable(),
        excerpt: excerptWire,
        cursor: z.string(),
      }),
    ),
    total: count,
    ...looked,
  })
  .meta({ id: 'FoundInLog' })

export function foundToWire({ hits, total, ...rest }: FoundInLog): z.input<typeof foundWire> {
  return {
    hits: hits.map(({ record: { id, timestamp, level: at, logger, taskRunId }, excerpt, cursor: place }) => ({
      id,
      timestamp: timeText(timestamp),
      level: at,
      name: logger,
      task_run_id: taskRunId,
      excerpt: excerptToWire(excerpt),
      cursor: place,
    })),
    total,
    ...lookedToWire(rest),
  }
}

const runWire = z.object({ name: z.string(), flow_id: wire.uuid, flow_name: z.string(), deployment_id: wire.uuid.nullable() })

const searchedWire = z
  .object({ lines: z.array(logWire.extend({ excerpt: excerptWire.nullable(), flow_run: runWire.nullable() })), ...looked })
  .meta({ id: 'SearchedLogs' })

export function searchedToWire({ lines, ...rest }: SearchedLogs): z.input<typeof searchedWire> {
  return {
    lines: lines.map(({ record, excerpt, run }) => ({
      ...logToWire(record),
      excerpt: excerpt === null ? null : excerptToWire(excerpt),
      flow_run: run === null ? null : { name: run.name, flow_id: run.flowId, flow_name: run.flowName, deployment_id: run.deploymentId },
    })),
    ...lookedToWire(rest),
  }
}

const ids = z.array(uuid).max(PAGE_MAX).default([])
const text = z.string().min(1).max(LOG_TEXT_MAX)

const searchBody = z.preprocess(
  (value) => value ?? {},
  z.strictObject({
    text: text.nullish(),
    level: level.nullish(),
    after: instant.nullish(),
    before: instant.nullish(),
    flow_run_ids: ids,
    flow_ids: ids,
    deployment_ids: ids,
    sort: z.enum(['TIMESTAMP_DESC', 'TIMESTAMP_ASC']).default('TIMESTAMP_DESC'),
    limit: z.preprocess((value) => value ?? PAGE_MAX, integerBetween(1, PAGE_MAX)),
    cursor: z.string().nullish(),
  }),
)

export const flowRunLogs = {
  logLines: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/logs',
    summary: 'Lines of the log of a flow run in their order: from its start, around a line, before or after a place, or its end.',
    params: idParams,
    query: linesQuery,
    output: linesWire,
    errors: ['FLOW_RUN_NOT_FOUND', 'NOT_FOUND', 'INVALID_CURSOR'],
  }),
  findInLog: endpoint({
    method: 'GET',
    path: '/flow_runs/{id}/logs/find',
    summary: 'Lines of the log of a flow run in which a text stands, whatever its case; a request looks at up to 20,000 lines.',
    params: idParams,
    query: z.object({
      text,
      level: level.optional(),
      task_run_id: uuid.optional(),
      limit: queryLimit(HITS_MAX, 200),
      cursor: z.string().optional(),
    }),
    output: foundWire,
    errors: ['FLOW_RUN_NOT_FOUND', 'INVALID_CURSOR'],
  }),
}

export const logSearch = {
  search: endpoint({
    method: 'POST',
    path: '/logs/search',
    summary: 'Lines of the logs of all runs, by text, level, time, flow and deployment; a request looks at up to 20,000 lines.',
    body: searchBody,
    output: searchedWire,
    errors: ['INVALID_CURSOR'],
  }),
}
