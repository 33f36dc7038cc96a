import { beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../core/time.ts'
import type { Send, WireRequest, WireResponse } from '../core/wire.ts'
import { createTransport, fetchSend } from './transport.ts'
import type { Outage, TransportOptions } from './transport.ts'

/** Time that passes only while somebody sleeps. */
class SleepingClock implements Clock {
  readonly slept: number[] = []
  #now = 0

  now(): number {
    return this.#now
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.slept.push(delayMs)
    this.#now += delayMs * 1000
  }

  timer(): () => void {
    throw new Error('a transport sets no timers')
  }
}

function answer(status: number, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): WireResponse {
  const text = JSON.stringify(body)
  return { status, header: (name) => headers[name] ?? null, text: async () => text, bytes: async () => new TextEncoder().encode(text) }
}

function failure(code: string): Error {
  return Object.assign(new Error(`it failed: ${code}`), { code })
}

let clock: SleepingClock
let sent: WireRequest[]
let outages: Outage[]

beforeEach(() => {
  clock = new SleepingClock()
  sent = []
  outages = []
})

/** A server that answers as listed; at the end of the list it says the last again. */
function transport(answers: readonly (WireResponse | Error)[], options: Partial<TransportOptions> = {}) {
  const send: Send = async (request) => {
    const each = answers[Math.min(sent.length, answers.length - 1)]
    sent.push(request)
    if (each === undefined || each instanceof Error) throw each ?? new Error('nothing is listed')
    return each
  }
  return createTransport({ send, clock, random: () => 0.5, waitMs: 60_000, onOutage: (outage) => outages.push(outage), ...options })
}

const get = { method: 'GET', path: '/flows/a' }

describe('a server that is away for a while', () => {
  test.each([
    ['cannot be reached', failure('ECONNREFUSED')],
    ['cuts the connection', failure('ECONNRESET')],
    ['is overloaded', answer(429)],
    ['is behind a proxy that finds it away', answer(502)],
    ['waits for its database', answer(503)],
  ])('that %s is asked again until it answers', async (_what, bad) => {
    const response = await transport([bad, bad, answer(200, 'good')]).call(get)

    expect(await response.text()).toBe('"good"')
    expect(sent).toHaveLength(3)
  })

  test('is asked less and less often, within bounds', async () => {
    const bad = failure('ECONNREFUSED')

    await transport([...Array.from({ length: 12 }, () => bad), answer(200)]).call(get)

    expect(clock.slept).toEqual([50, 100, 200, 400, 800, 1600, 2000, 2000, 2000, 2000, 2000, 2000])
  })

  test('is asked no sooner than it says', async () => {
    await transport([answer(503, {}, { 'retry-after': '7' }), answer(200)]).call(get)

    expect(clock.slept).toEqual([7_000])
  })

  test('is told of once when it goes and once when it is back', async () => {
    const bad = failure('ECONNREFUSED')

    await transport([bad, bad, bad, answer(200), answer(200)]).call(get)

    expect(outages).toEqual([
      { type: 'away', reason: 'it failed: ECONNREFUSED' },
      { type: 'back', awayMs: 350 },
    ])
  })

  test('is given up after the time it may take, with the last reason', async () => {
    const waiting = transport([failure('ECONNREFUSED')], { waitMs: 1_000 }).call(get)

    await expect(waiting).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: 'the server did not answer for 1 s: it failed: ECONNREFUSED',
    })
    expect(clock.now()).toBeLessThanOrEqual(1_000_000)
  })

  test('is not waited for when nobody wants to', async () => {
    await expect(transport([answer(503)], { waitMs: 0 }).call(get)).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' })

    expect(sent).toHaveLength(1)
  })

  test('is not waited for by a caller that has given up', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))

    await expect(transport([answer(200)]).call({ ...get, signal: controller.signal })).rejects.toThrow('enough')
    expect(sent).toHaveLength(0)
  })
})

describe('a call that may be done once only', () => {
  test.each([
    ['has not gone out', failure('ECONNREFUSED')],
    ['found no socket', failure('ENOENT')],
    ['was turned away', answer(429)],
  ])('is sent again when it %s', async (_what, bad) => {
    await transport([bad, answer(201)]).call({ method: 'POST', path: '/flows/', body: '{}', once: true })

    expect(sent).toHaveLength(2)
  })

  test('is not sent again when its answer was lost', async () => {
    const call = transport([failure('ECONNRESET'), answer(201)]).call({ method: 'POST', path: '/flows/', body: '{}', once: true })

    await expect(call).rejects.toMatchObject({ code: 'SERVER_UNREACHABLE' })
    expect(sent).toHaveLength(1)
  })
})

test('a call whose answer was lost hears that the next may be that of a repetition', async () => {
  let repeats = 0

  await transport([failure('ECONNREFUSED'), failure('ECONNRESET'), answer(200)]).call({ ...get, onRepeat: () => (repeats += 1) })

  expect(repeats).toBe(1)
})

describe('an error of the server', () => {
  test('is the one it threw, by its code', async () => {
    const call = transport([answer(404, { detail: 'no flow run has the id a', code: 'FLOW_RUN_NOT_FOUND' })]).call(get)

    await expect(call).rejects.toMatchObject({ name: 'TuttiError', code: 'FLOW_RUN_NOT_FOUND', message: 'no flow run has the id a' })
  })

  test('without an auth string is said to be one', async () => {
    await expect(transport([answer(401, { exception_message: 'Unauthorized' })]).call(get)).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })

  test('of somebody else is told with its text', async () => {
    await expect(transport([answer(418, { detail: 'a teapot' })]).call(get)).rejects.toMatchObject({
      code: 'SERVER_REFUSED',
      message: 'the server answered 418: a teapot',
    })
  })
})

test('the auth string goes along, whatever its letters are', async () => {
  await transport([answer(200)], { auth: 'jürgen:päss🔑' }).call(get)

  expect(sent[0]?.headers['Authorization']).toBe(`Basic ${Buffer.from('jürgen:päss🔑').toString('base64')}`)
})

test('a key goes along as it is', async () => {
  await transport([answer(200)], { key: 'a-key' }).call(get)

  expect(sent[0]?.headers['Authorization']).toBe('Bearer a-key')
})

test('fetch is given the address, and its answer is read', async () => {
  const asked: unknown[] = []
  const send = fetchSend('http://host:1/api/', async (url, init) => {
    asked.push([url, init])
    return new Response('told', { status: 201, headers: { 'X-Name': 'value' } })
  })

  const response = await send({ method: 'POST', path: '/flows/', headers: { 'X-Sent': 'a' }, body: '{}' })

  expect(asked).toEqual([['http://host:1/api/flows/', { method: 'POST', headers: { 'X-Sent': 'a' }, body: '{}' }]])
  expect([response.status, response.header('x-name'), await response.text()]).toEqual([201, 'value', 'told'])
})
