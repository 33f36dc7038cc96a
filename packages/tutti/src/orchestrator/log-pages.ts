import { TuttiError } from '../core/errors.ts'
import type { LogRecord } from '../core/log.ts'
import { excerptOf } from '../core/log-page.ts'
import type { LogLines, LogPage, LogPageOperations, Looked } from '../core/log-page.ts'
import type { LogScanned, Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { existing } from './flow-runs.ts'

/** Lines that one request looks at. */
const LOOK_MAX = 20_000

export function logPageOperations(deps: Deps): LogPageOperations {
  const { store } = deps
  const { logPages } = store.tables

  return {
    lines: (request) =>
      store.read(function* () {
        yield* existing(deps, request.flowRunId)
        return yield* linesAt(deps, request)
      }),

    find: ({ limit, text, ...request }) =>
      store.read(function* () {
        yield* existing(deps, request.flowRunId)
        const nothing = { after: null, before: null, flowRunIds: [], flowIds: [], deploymentIds: [] }
        const found = yield* logPages.scan({ ...request, ...nothing, text, order: 'oldest', lookMax: LOOK_MAX, limit: limit + 1 })
        const hits = found.lines
          .slice(0, limit)
          .map((record) => ({ record, excerpt: excerptOf(record.message, text), cursor: logPages.placeOf(record) }))
        return { hits, total: found.total, ...lookedAt(deps, found, limit) }
      }),

    search: ({ limit, text, ...request }) =>
      store.read(function* () {
        const found = yield* logPages.scan({ ...request, text, taskRunId: null, lookMax: LOOK_MAX, limit: limit + 1 })
        const shown = found.lines.slice(0, limit)
        const runs = yield* logPages.runsOf(shown.flatMap(({ flowRunId }) => flowRunId ?? []))
        const lines = shown.map((record) => ({
          record,
          excerpt: text === null ? null : excerptOf(record.message, text),
          run: runs.get(record.flowRunId ?? '') ?? null,
        }))
        return { lines, ...lookedAt(deps, found, limit) }
      }),
  }
}

/** It goes on after the last hit that is shown, or after the last line that was looked at. */
function lookedAt({ store }: Deps, { lines, looked, last }: LogScanned, limit: number): Looked {
  const { placeOf } = store.tables.logPages
  const lastShown = lines.length > limit ? lines[limit - 1] : undefined
  const rest = looked === LOOK_MAX && last !== null ? placeOf(last) : null
  return { looked, lookedUntil: last?.timestamp ?? null, cursor: lastShown === undefined ? rest : placeOf(lastShown) }
}

function* linesAt(deps: Deps, request: LogLines): Script<LogPage> {
  const { place, limit } = request
  switch (place.at) {
    case 'start':
      return yield* pageOf(deps, request, [], yield* near(deps, request, 'after', null, limit + 1), limit)
    case 'after':
      return yield* pageOf(deps, request, [], yield* near(deps, request, 'after', place.cursor, limit + 1), limit)
    case 'end':
      return yield* pageOf(deps, request, yield* near(deps, request, 'before', null, limit), [], limit)
    case 'before':
      return yield* pageOf(deps, request, yield* near(deps, request, 'before', place.cursor, limit), [], limit)
    case 'around': {
      const { logPages } = deps.store.tables
      const line = yield* logPages.get(place.logId)
      if (line?.flowRunId !== request.flowRunId)
        throw new TuttiError('NOT_FOUND', `the log of flow run ${request.flowRunId} has no line ${place.logId}`)
      const cursor = logPages.placeOf(line)
      const earlier = yield* near(deps, request, 'before', cursor, Math.floor((limit - 1) / 2))
      const rest = limit - earlier.length
      // The line itself is shown even where lines of its level are not.
      const later = yield* near(deps, request, 'after', cursor, rest)
      return yield* pageOf(deps, request, earlier, [line, ...later], rest)
    }
  }
}

function near(
  { store }: Deps,
  request: LogLines,
  direction: 'before' | 'after',
  place: string | null,
  limit: number,
): Script<readonly LogRecord[]> {
  return store.tables.logPages.near(request, { place, direction, limit })
}

/** `earlier` from the place backwards, `later` from the place on, of which `keep` are shown. */
function* pageOf(deps: Deps, request: LogLines, earlier: readonly LogRecord[], later: readonly LogRecord[], keep: number): Script<LogPage> {
  const { placeOf } = deps.store.tables.logPages
  const lines = [...earlier.toReversed(), ...later.slice(0, keep)]
  const [first] = lines
  const last = lines.at(-1)
  const { place } = request
  if (first === undefined || last === undefined) {
    // Nothing on this side: what is asked for next begins where this began.
    const here = place.at === 'before' || place.at === 'after' ? place.cursor : null
    return { lines, before: place.at === 'after' ? here : null, after: here, hasMoreAfter: place.at === 'before' }
  }
  const hasEarlier = (yield* near(deps, request, 'before', placeOf(first), 1)).length > 0
  const hasLater = later.length > keep || (later.length <= keep && (yield* near(deps, request, 'after', placeOf(last), 1)).length > 0)
  return { lines, before: hasEarlier ? placeOf(first) : null, after: placeOf(last), hasMoreAfter: hasLater }
}
