import { ENGINE_VERBS, ENGINE_VERSION } from '../api/engine-verbs.ts'
import type { EngineNoun } from '../api/engine-verbs.ts'
import { isTuttiError, TuttiError } from '../core/errors.ts'
import { isSameHolder } from '../core/lease.ts'
import type { Lease } from '../core/lease.ts'
import type { FlowRun } from '../core/flow-run.ts'
import type { JournalAnswer, JournalOperation, Orchestrator } from '../core/orchestrator.ts'
import { pack, unpack } from '../core/packing.ts'
import { resultName } from '../core/result-name.ts'
import type { Clock } from '../core/time.ts'
import type { Woken } from '../core/wait.ts'
import type { Transport } from './transport.ts'

export interface RemoteOptions {
  readonly transport: Transport
  readonly clock: Clock
}

/** In one request. Servers take several times as much; of a flush beyond it, the time on the way is not what counts. */
const FLUSH_CHARACTERS_MAX = 4_000_000

/**
 * The orchestrator of a server, for an engine that cannot tell. Every operation may be repeated, so a lost answer is asked for again: a flush
 * is known by the sequence of its rows, and what else changes something looks whether it has already.
 */
export function remoteOrchestrator({ transport, clock }: RemoteOptions): Orchestrator {
  function bodyOf(args: readonly unknown[]): string {
    return JSON.stringify({ version: ENGINE_VERSION, now: clock.now(), args })
  }

  async function send(noun: string, verb: string, body: string, onRepeat?: () => void): Promise<unknown> {
    const path = `/engine/${noun}/${verb}`
    const response = await transport.call({ method: 'POST', path, body, ...(onRepeat === undefined ? undefined : { onRepeat }) })
    const { result } = JSON.parse(await response.text()) as { readonly result: unknown } // as the endpoint says
    return result
  }

  async function call(noun: string, verb: string, args: readonly unknown[], onRepeat?: () => void): Promise<unknown> {
    return unpack(await send(noun, verb, bodyOf(args.map(pack)), onRepeat))
  }

  /** Operations and answers are plain data. What one request should not carry is sent in several; the answers are as those of one. */
  async function flush(all: readonly JournalOperation[]): Promise<readonly JournalAnswer[]> {
    if (all.length === 0) return []
    const body = bodyOf([all])
    if (body.length <= FLUSH_CHARACTERS_MAX || all.length === 1) return (await send('journal', 'flush', body)) as readonly JournalAnswer[] // as the operation says
    const middle = all.length >> 1
    const first = await flush(all.slice(0, middle))
    const rest = all.slice(middle)
    try {
      return [...first, ...(await flush(rest))]
    } catch (error) {
      // The first half stands, unless none of it does: then the whole flush has failed.
      if (first.every((answer) => answer.type === 'refused')) throw error
      const reason = error instanceof Error ? error.message : String(error)
      return [...first, ...rest.map((): JournalAnswer => ({ type: 'refused', code: 'STORE_FAILED', reason }))]
    }
  }

  /** Every verb that the wire has for a noun. What has no verb there stands beside it below. */
  function operations<Noun extends EngineNoun>(noun: Noun): Orchestrator[Noun] {
    const verbs = ENGINE_VERBS[noun].map((verb) => [verb, (...args: readonly unknown[]) => call(noun, verb, args)])
    return Object.fromEntries(verbs) as Orchestrator[Noun] // the verbs of `ENGINE_VERBS` are those of the operations
  }

  const flowRuns = operations('flowRuns')
  return {
    flowRuns: {
      ...flowRuns,
      async find(reference) {
        return ((await flowRuns.find(reference)) as FlowRun | null | undefined) ?? undefined // JSON has no undefined
      },
      take: (id, how, lease) => take(id, how, lease),
      delete: (id) => remove(id),
    },
    taskRuns: operations('taskRuns'),
    journal: {
      ...operations('journal'),
      flush,
      async cached(key, now) {
        return ((await call('journal', 'cached', [key, now])) as Awaited<ReturnType<Orchestrator['journal']['cached']>> | null) ?? undefined // as for `find`
      },
    },
    waits: { ...operations('waits'), wake },
    artifacts: operations('artifacts'),
    blocks: operations('blocks'),
    variables: operations('variables'),
    logs: operations('logs'),
    flows: operations('flows'),
    results: {
      async write(flowRunId, key, bytes) {
        const path = resultPath(flowRunId, key)
        await transport.call({ method: 'PUT', path, body: bytes, type: 'application/octet-stream' })
      },
      async read(flowRunId, key) {
        return (await transport.call({ method: 'GET', path: resultPath(flowRunId, key) })).bytes()
      },
    },
    maintenance: { ...operations('maintenance'), ...MAINTAINED_BY_THE_SERVER },
    maintenanceMode: operations('maintenanceMode'),
    // There is nothing to let go of: connections end by themselves.
    close: async () => undefined,
  }

  async function take(id: string, how: 'start' | 'resume' | 'retry', lease: Lease): Promise<FlowRun> {
    let isRepeated = false
    try {
      return (await call('flowRuns', 'take', [id, how, lease], () => (isRepeated = true))) as FlowRun // as the operation says
    } catch (error) {
      if (!isRepeated || !isTuttiError(error, 'TRANSITION_REJECTED')) throw error
      // Who holds it may be this very call, whose answer was lost.
      const run = await flowRuns.get(id)
      if (run.state.type === 'running' && run.lease !== null && isSameHolder(run.lease.holder, lease.holder)) return run
      throw error
    }
  }

  async function wake(id: string, input: string | null): Promise<Woken> {
    let isRepeated = false
    const woken = (await call('waits', 'wake', [id, input], () => (isRepeated = true))) as Woken // as the operation says
    // As above: it may be this call that has woken it.
    return isRepeated && woken.type === 'reject' && woken.why === 'not waiting' ? { type: 'accept' } : woken
  }

  async function remove(id: string): Promise<void> {
    let isRepeated = false
    try {
      await call('flowRuns', 'delete', [id], () => (isRepeated = true))
    } catch (error) {
      // As above: it may be this call that has deleted it.
      if (!isRepeated || !isTuttiError(error, 'FLOW_RUN_NOT_FOUND')) throw error
    }
  }
}

function resultPath(flowRunId: string, key: string): string {
  return `/engine/results/${resultName(flowRunId)}/${resultName(key)}`
}

function onServer(what: string): () => Promise<never> {
  return () => Promise.reject(new TuttiError('ON_THE_SERVER', `${what} is done where the database is, not through a server`))
}

const MAINTAINED_BY_THE_SERVER = {
  // A server deletes what is past keeping by itself.
  retain: async () => 0,
  vacuum: onServer('giving space back'),
  backup: onServer('a backup'),
}
