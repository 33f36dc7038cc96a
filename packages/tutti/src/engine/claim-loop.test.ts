import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { LeaseHolder } from '../core/lease.ts'
import { JsonText } from '../core/literal-json.ts'
import type { DueRun, ServerDoor } from '../core/server-door.ts'
import type { Clock } from '../core/time.ts'
import { systemClock } from '../system/clock.ts'
import { claimLoop } from './claim-loop.ts'

const job = {
  flowName: 'etl',
  deployment: null,
  entrypoint: null,
  path: null,
  pullSteps: new JsonText('[]'),
  commit: null,
  configuration: new JsonText('{}'),
}

function dueRun(id: string): DueRun {
  return { claimId: `claim of ${id}`, flowRunId: id, name: id, deploymentId: null, job }
}

/** A server whose answers the test gives one by one, and what it was asked. */
function aServer() {
  const asked: number[] = []
  const given: unknown[] = []
  const waiting: PromiseWithResolvers<readonly DueRun[]>[] = []
  const door = {
    claim: (_target: unknown, { limit }: { readonly limit: number }, signal: AbortSignal) => {
      asked.push(limit)
      const answer = Promise.withResolvers<readonly DueRun[]>()
      waiting.push(answer)
      signal.addEventListener('abort', () => answer.reject(signal.reason))
      return answer.promise
    },
    releaseClaim: async (id: string) => void given.push(id),
    releaseOthers: async (_worker: string, except: readonly string[]) => void given.push({ except }),
  } as unknown as ServerDoor // what the loop asks of it
  const next = async (): Promise<PromiseWithResolvers<readonly DueRun[]>> => {
    while (waiting.length === 0) await nextTurn()
    return waiting.shift()!
  }
  return { door, asked, given, next }
}

function start(server: ServerDoor, limit: number, holder: LeaseHolder | null = null, clock: Clock = systemClock()) {
  const stopping = new AbortController()
  const launched = new Map<string, PromiseWithResolvers<void>>()
  const troubles: unknown[] = []
  const ended = claimLoop(
    {
      server,
      clock,
      claim: (ask, signal) => server.claim({ type: 'pool', name: 'p', queues: null }, { ...ask, worker: 'w' }, signal),
      holder,
      worker: 'w',
      limit,
      launch({ flowRunId }: DueRun) {
        const run = Promise.withResolvers<void>()
        launched.set(flowRunId, run)
        return run.promise
      },
      onTrouble: (error) => troubles.push(error),
    },
    stopping.signal,
  )
  return { ended, launched, troubles, stop: () => stopping.abort(new Error('stop')) }
}

test('so many runs are asked for as there are places, and more when one is free', async () => {
  const { door, asked, next } = aServer()
  const loop = start(door, 3)

  ;(await next()).resolve([dueRun('a'), dueRun('b')])
  ;(await next()).resolve([dueRun('c')])
  while (!loop.launched.has('c')) await nextTurn()
  expect(asked).toEqual([3, 1])
  loop.launched.get('b')?.resolve()
  const last = await next()

  expect(asked).toEqual([3, 1, 1])
  last.resolve([])
  loop.stop()
  for (const run of loop.launched.values()) run.resolve()
  await loop.ended
})

test('told to stop, it launches nothing more, gives back what it has not, and waits for what is under way', async () => {
  const { door, given, next } = aServer()
  const loop = start(door, 3)
  ;(await next()).resolve([dueRun('a')])
  await next()
  let isOver = false
  void loop.ended.then(() => (isOver = true))

  loop.stop()
  while (given.length === 0) await nextTurn()

  expect(given).toEqual([{ except: ['claim of a'] }])
  expect(isOver).toBe(false)
  loop.launched.get('a')?.resolve()
  await loop.ended
})

test('a server that gives nothing is told of once, and asked again', async () => {
  const { door, asked, next } = aServer()
  const loop = start(door, 1)

  ;(await next()).reject(new Error('away'))
  const again = await next()

  expect(loop.troubles).toEqual([new Error('away')])
  expect(asked).toEqual([1, 1])
  again.resolve([])
  loop.stop()
  await loop.ended
})

test('what was started with an answer that was lost is given back before more is asked for', async () => {
  const { door, asked, given, next } = aServer()
  const loop = start(door, 2, { host: 'here', bootId: '', pid: 1, processStart: '' })
  ;(await next()).resolve([dueRun('a')])

  ;(await next()).reject(new Error('away'))
  const again = await next()

  expect(given).toEqual([{ except: ['claim of a'] }])
  expect(asked).toEqual([2, 1, 1])
  again.resolve([])
  loop.stop()
  loop.launched.get('a')?.resolve()
  await loop.ended
})

test('whoever stops is not kept by a server that takes nothing back', async () => {
  const { door } = aServer()
  const late: AbortSignal[] = []
  const gone = {
    ...door,
    releaseOthers: (_worker: string, _except: readonly string[], _holder: null, signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        late.push(signal)
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  } as unknown as ServerDoor // what the loop asks of it
  const loop = start(gone, 1, null, { ...systemClock(), sleep: () => Promise.resolve() })

  loop.stop()
  await loop.ended

  expect(late).toHaveLength(1)
  expect(loop.troubles).toMatchObject([{ code: 'SERVER_UNREACHABLE' }])
})
