// One stream tells what changes on the server; whatever shows such things looks again. Nothing here asks on a timer.
import type { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { client, noteRefusal, signedIn } from './connection.ts'
import { seen, whileSeen } from './seen.ts'

export type LiveStatus = 'connecting' | 'live' | 'away'

/** How often the same question is asked again at most, however much happens. */
const REFRESH_MS = 1_000
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 10_000

const listeners = new Set<() => void>()
let status: LiveStatus = 'connecting'

function setStatus(next: LiveStatus): void {
  if (status === next) return
  status = next
  for (const listener of listeners) listener()
}

export function useLiveStatus(): LiveStatus {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => status,
  )
}

/** Refreshes what is shown until the signal aborts. Queries name the nouns they show as the first part of their keys. */
export async function followChanges(queries: QueryClient, signal: AbortSignal): Promise<void> {
  const refresh = refresher(queries)
  let failures = 0
  let isFirst = true
  while (!signal.aborted) {
    await seen(signal)
    const span = whileSeen(signal)
    try {
      for await (const message of client().live.changes({ signal: span.signal })) {
        failures = 0
        if (message.type === 'hello') {
          // Whatever happened while nobody listened. What is asked for as the page begins is new.
          if (!isFirst) void queries.invalidateQueries()
          isFirst = false
          setStatus('live')
          continue
        }
        if (message.flow_runs.length > 0) refresh('flow-runs')
        for (const run of message.flow_runs) refresh('flow-run', run.id)
        for (const noun of message.nouns) refresh(noun.replaceAll('_', '-'))
      }
    } catch (error) {
      if (!span.signal.aborted) noteRefusal(error)
    } finally {
      span.end()
    }
    if (signal.aborted) return
    if (span.signal.aborted) continue
    setStatus('away')
    await signedIn(signal)
    await pause(Math.min(RETRY_MIN_MS * 2 ** failures, RETRY_MAX_MS), signal)
    failures += 1
  }
}

/** What has no word of its own changes along with these. */
const ALONG: Readonly<Record<string, readonly string[]>> = {
  // What a deployment plans: a pause takes it back.
  deployments: ['flow-runs'],
  // Each state of a run is an event.
  'flow-runs': ['slots', 'events'],
  'concurrency-limits': ['slots'],
  'work-pools': ['slots', 'workers'],
  'work-queues': ['slots'],
}

/** The first word is acted on at once, those that follow together. */
function refresher(queries: QueryClient): (noun: string, id?: string) => void {
  const waiting = new Map<string, { isAsked: boolean }>()
  const run = (noun: string, id: string | undefined): void => {
    const state = { isAsked: false }
    const key = `${noun} ${id ?? ''}`
    waiting.set(key, state)
    void queries.invalidateQueries({ queryKey: id === undefined ? [noun] : [noun, id] })
    setTimeout(() => {
      waiting.delete(key)
      if (state.isAsked) run(noun, id)
    }, REFRESH_MS)
  }
  const refresh = (noun: string, id?: string): void => {
    if (id === undefined) for (const other of ALONG[noun] ?? []) refresh(other)
    const state = waiting.get(`${noun} ${id ?? ''}`)
    if (state === undefined) run(noun, id)
    else state.isAsked = true
  }
  return refresh
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
