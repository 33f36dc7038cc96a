// The task runs of flow runs, live: one stream for each flow run, whoever looks at it.
import { isTuttiError } from 'tutti/client'
import type { TaskRunRow } from 'tutti/client'
import { startTransition, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { seen, whileSeen } from '../seen.ts'
import { client, noteRefusal } from '../connection.ts'
import { RowStore } from './task-run-store.ts'
import type { StoredRows } from './task-run-store.ts'

export type { TaskRunRow } from 'tutti/client'

/** All task runs of one flow run that have been told so far. */
export type TaskRuns = StoredRows<TaskRunRow>

/** Somebody who switches to another view and back finds the stream where it was. */
const KEPT_MS = 10_000
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 10_000
/** So many rows are arranged anew four times a second at most. */
const CALM_FROM = 1_500
const CALM_MS = 250
/** Of a tab that is not seen, frames do not come. */
const HIDDEN_FRAME_MS = 250

interface Stream {
  readonly store: RowStore<TaskRunRow>
  readonly stop: AbortController
  watchers: number
  /** All that was asked for has been told; a run that is run again goes on. */
  isEnded: boolean
  leaving: ReturnType<typeof setTimeout> | undefined
}

const streams = new Map<string, Stream>()

/**
 * Of one flow run; it renders again once a frame at most, and when there are thousands four times a second, however much is told. Whoever
 * scrolls meanwhile does not wait for it: it is a transition.
 */
export function useTaskRuns(flowRunId: string): TaskRuns {
  const [shown, setShown] = useState({ flowRunId, tasks: toldOf(flowRunId) })
  useEffect(() => {
    const show = (): void => startTransition(() => setShown({ flowRunId, tasks: toldOf(flowRunId) }))
    const leave = watch(flowRunId, show)
    show()
    return leave
  }, [flowRunId])
  return shown.flowRunId === flowRunId ? shown.tasks : toldOf(flowRunId)
}

function toldOf(flowRunId: string): TaskRuns {
  return streams.get(flowRunId)?.store.read() ?? NOTHING
}

/** Of several at once, by their ids: the sub-flows that were opened. */
export function useTaskRunsOf(flowRunIds: readonly string[]): ReadonlyMap<string, readonly TaskRunRow[]> {
  const key = flowRunIds.join(' ')
  const source = useMemo(() => {
    const ids = key === '' ? [] : key.split(' ')
    const latest: { shown: ReadonlyMap<string, readonly TaskRunRow[]> } = { shown: new Map() }
    return {
      subscribe: (listener: () => void) => {
        const leave = ids.map((id) => watch(id, listener))
        return () => {
          for (const each of leave) each()
        }
      },
      read: () => {
        const rowsOf = (id: string): readonly TaskRunRow[] => toldOf(id).rows
        const { shown } = latest
        if (shown.size === ids.length && ids.every((id) => shown.get(id) === rowsOf(id))) return shown
        latest.shown = new Map(ids.map((id) => [id, rowsOf(id)]))
        return latest.shown
      },
    }
  }, [key])
  return useSyncExternalStore(source.subscribe, source.read)
}

const NOTHING: TaskRuns = { rows: [], byId: new Map(), isWhole: false, total: undefined, error: undefined }

/** Begins to listen before anything shows what is told. */
export function followTaskRuns(flowRunId: string): void {
  watch(flowRunId, ignored)()
}

function ignored(): void {
  // Whoever shows them watches too.
}

function watch(flowRunId: string, listener: () => void): () => void {
  const stream = streams.get(flowRunId) ?? open(flowRunId)
  clearTimeout(stream.leaving)
  stream.watchers += 1
  const leave = stream.store.subscribe(listener)
  return () => {
    leave()
    stream.watchers -= 1
    if (stream.watchers > 0) return
    stream.leaving = setTimeout(() => {
      stream.stop.abort()
      streams.delete(flowRunId)
    }, KEPT_MS)
  }
}

function open(flowRunId: string): Stream {
  const stream: Stream = { store: new RowStore(soon), stop: new AbortController(), watchers: 0, isEnded: false, leaving: undefined }
  streams.set(flowRunId, stream)
  void follow(flowRunId, stream)
  return stream
}

/** The flow run goes on after it had ended: it was retried or resumed. */
export function followAgain(flowRunId: string): void {
  const stream = streams.get(flowRunId)
  if (stream === undefined || !stream.isEnded) return
  stream.isEnded = false
  void follow(flowRunId, stream)
}

async function follow(id: string, stream: Stream): Promise<void> {
  const { store, stop } = stream
  const { signal } = stop
  for (let failures = 0; !signal.aborted; failures += 1) {
    await seen(signal)
    await takeTurn()
    const span = whileSeen(signal)
    const turn = new AbortController()
    const timer = setInterval(() => {
      if (store.read().isWhole && waiting.length > 0) turn.abort()
    }, TURN_MS)
    try {
      for await (const message of client().live.taskRuns({ id, signal: AbortSignal.any([span.signal, turn.signal]) })) {
        failures = 0
        if (message.type === 'end') {
          store.whole()
          stream.isEnded = true
          return
        }
        if (message.total !== null) store.expect(message.total)
        store.add(message.task_runs)
        if (!message.more) store.whole()
      }
    } catch (error) {
      if (signal.aborted) return
      if (turn.signal.aborted || span.signal.aborted) failures = 0
      else {
        noteRefusal(error)
        store.fail(error)
        // It will not come by asking again.
        if (isTuttiError(error, 'FLOW_RUN_NOT_FOUND')) {
          stream.isEnded = true
          return
        }
      }
    } finally {
      clearInterval(timer)
      span.end()
      leaveTurn()
    }
    if (!turn.signal.aborted && !span.signal.aborted) await pause(Math.min(RETRY_MIN_MS * 2 ** failures, RETRY_MAX_MS), signal)
  }
}

/** A browser holds six connections to a server: a page with many opened sub-flows must leave some for all else. */
const STREAMS_MAX = 3
const TURN_MS = 2_000

const waiting: (() => void)[] = []
let streaming = 0

function takeTurn(): Promise<void> {
  if (streaming < STREAMS_MAX) {
    streaming += 1
    return Promise.resolve()
  }
  return new Promise((resolve) => waiting.push(resolve))
}

/** Whoever waits longest goes on in its place. */
function leaveTurn(): void {
  const next = waiting.shift()
  if (next === undefined) streaming -= 1
  else next()
}

function soon(show: () => void, rows: number): void {
  if (rows < CALM_FROM) nextFrame(show)
  else setTimeout(show, CALM_MS)
}

function nextFrame(show: () => void): void {
  let isDone = false
  const once = (): void => {
    if (isDone) return
    isDone = true
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    show()
  }
  const frame = requestAnimationFrame(once)
  const timer = setTimeout(once, HIDDEN_FRAME_MS)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
