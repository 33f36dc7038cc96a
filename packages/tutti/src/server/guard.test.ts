import { describe, expect, test } from 'vitest'
import { createGuard, isLoopbackAddress } from './guard.ts'
import type { Caller, GuardOptions } from './guard.ts'
import { guarded } from './guarded.ts'

const OPEN: GuardOptions = { auth: '', hosts: [], origins: [], unprotected: false }
const BASIC = `Basic ${Buffer.from('ada:secret').toString('base64')}`

/** The code with which a request is refused; `undefined` when it is let in. */
function refused(options: Partial<GuardOptions>, caller: Partial<Caller>): string | undefined {
  const guard = createGuard({ ...OPEN, ...options })
  try {
    guard.check({ method: 'GET', path: '/api/flows/x', host: '127.0.0.1:4200', origin: null, site: null, authorization: null, ...caller })
    return undefined
  } catch (error) {
    return (error as { code: string }).code // thrown by the guard
  }
}

describe('the host of a request', () => {
  test.each(['127.0.0.1:4200', 'localhost:4200', 'localhost.', '[::1]:4200', '127.1.2.3'])('%s is this machine', (host) => {
    expect(refused({}, { host })).toBeUndefined()
  })

  test.each(['evil.example', '127.0.0.1.evil.example:4200', 'localhost.evil.example', '10.0.0.7:4200', 'a@localhost', ''])(
    '%s is refused, also when it points here',
    (host) => {
      expect(refused({}, { host })).toBe('HOST_REFUSED')
    },
  )

  test('a name from the settings is answered', () => {
    expect(refused({ hosts: ['Tutti.local'] }, { host: 'tutti.local:4200' })).toBeUndefined()
    expect(refused({ hosts: ['*'] }, { host: 'any.example' })).toBeUndefined()
  })

  test('a server that is open on purpose answers to addresses, and still not to any name', () => {
    expect(refused({ unprotected: true }, { host: '10.0.0.7:4200' })).toBeUndefined()
    expect(refused({ unprotected: true }, { host: '[fd00::1]:4200' })).toBeUndefined()
    expect(refused({ unprotected: true }, { host: 'evil.example' })).toBe('HOST_REFUSED')
  })

  test('where an auth string is asked for, any name is answered to those who give it', () => {
    expect(refused({ auth: 'ada:secret' }, { host: 'tutti.example', authorization: BASIC })).toBeUndefined()
  })
})

describe('the page a request comes from', () => {
  const foreign = { method: 'POST', origin: 'https://evil.example' }

  test('a page of another address may not change anything', () => {
    expect(refused({}, foreign)).toBe('ORIGIN_REFUSED')
    expect(refused({}, { ...foreign, origin: 'null' })).toBe('ORIGIN_REFUSED')
    expect(refused({}, { ...foreign, origin: 'http://127.0.0.1:8080' })).toBe('ORIGIN_REFUSED')
    expect(refused({}, { method: 'POST', site: 'cross-site' })).toBe('ORIGIN_REFUSED')
  })

  test('the pages of this server and those of the settings may', () => {
    expect(refused({}, { ...foreign, origin: 'http://127.0.0.1:4200' })).toBeUndefined()
    expect(refused({ origins: ['https://ui.example/'] }, { ...foreign, origin: 'https://ui.example' })).toBeUndefined()
  })

  test('programs, which name no page, may', () => {
    expect(refused({}, { method: 'POST' })).toBeUndefined()
  })

  test('a foreign page opens no socket', () => {
    const guard = createGuard(OPEN)

    expect(() => guard.checkUpgrade({ host: '127.0.0.1:4200', origin: 'https://evil.example' })).toThrow('https://evil.example')
    expect(() => guard.checkUpgrade({ host: 'evil.example', origin: 'http://evil.example' })).toThrow('evil.example')
    expect(() => guard.checkUpgrade({ host: '127.0.0.1:4200', origin: null })).not.toThrow()
  })
})

describe('the auth string', () => {
  const auth = 'ada:secret'

  test('is taken as Basic and as Bearer', () => {
    expect(refused({ auth }, { authorization: BASIC })).toBeUndefined()
    expect(refused({ auth }, { authorization: 'Bearer ada:secret' })).toBeUndefined()
  })

  test.each([null, 'Basic', 'Basic YWRhOg==', 'Bearer ada:secre', 'Digest ada:secret'])('%s is not let in', (authorization) => {
    expect(refused({ auth }, { authorization })).toBe('UNAUTHORIZED')
  })

  test('exactly two paths do without it', () => {
    expect(refused({ auth }, { path: '/api/health' })).toBeUndefined()
    expect(refused({ auth }, { path: '/api/ready' })).toBeUndefined()
    expect(refused({ auth }, { path: '/api/flows/health' })).toBe('UNAUTHORIZED')
    expect(refused({ auth }, { path: '/api/health/' })).toBe('UNAUTHORIZED')
    expect(refused({ auth }, { path: '/api/health', method: 'POST' })).toBe('UNAUTHORIZED')
  })
})

describe('whole requests', () => {
  const seen: string[] = []
  const fetch = guarded(
    (request) => {
      seen.push(request.method)
      return new Response('in')
    },
    createGuard({ ...OPEN, auth: '', origins: ['https://ui.example'] }),
  )
  const send = (init: RequestInit): Promise<Response> =>
    Promise.resolve(
      fetch(new Request('http://127.0.0.1:4200/api/flows/', { ...init, headers: { Host: '127.0.0.1:4200', ...init.headers } })),
    )

  test('plain text that a foreign page posts is refused before anybody reads it', async () => {
    const response = await send({
      method: 'POST',
      body: '{"name":"x"}',
      headers: { Origin: 'https://evil.example', 'Content-Type': 'text/plain' },
    })

    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'ORIGIN_REFUSED' })
    expect(seen).toEqual([])
  })

  test('a page of the settings is told that it may, and may', async () => {
    const asked = await send({
      method: 'OPTIONS',
      headers: { Origin: 'https://ui.example', 'Access-Control-Request-Headers': 'content-type' },
    })
    const answered = await send({ method: 'POST', body: '{}', headers: { Origin: 'https://ui.example' } })

    expect([asked.status, asked.headers.get('access-control-allow-headers')]).toEqual([204, 'content-type'])
    expect([answered.status, answered.headers.get('access-control-allow-origin')]).toEqual([200, 'https://ui.example'])
  })

  test('whoever gives no auth string reads the word that clients look for', async () => {
    const response = await guarded(
      () => new Response('in'),
      createGuard({ ...OPEN, auth: 'ada:secret' }),
    )(new Request('http://tutti.example/api/flows/', { headers: { Host: 'tutti.example' } }))

    expect([response.status, await response.json()]).toEqual([401, { exception_message: 'Unauthorized' }])
  })
})

test('only addresses of this machine need no protection', () => {
  expect(['127.0.0.1', 'localhost', '::1', '[::1]'].map(isLoopbackAddress)).toEqual([true, true, true, true])
  expect(['0.0.0.0', '::', '10.0.0.7', 'example.com'].map(isLoopbackAddress)).toEqual([false, false, false, false])
})
