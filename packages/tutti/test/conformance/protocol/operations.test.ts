import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerProblems, bodySchemaOf, operationNames } from '../../protocol/document.ts'
import { samplesOf } from '../../protocol/samples.ts'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await openServer()
})
afterAll(() => server.close())

/** The operations that may be missing, one a line. A line that is served must go; none may come. */
const notYet = readFileSync(new URL('../../protocol/not-yet.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))

const ID = '019b76da-a800-7369-8fe5-29650854b38b'

/** With something in place of each parameter; nothing has such an id. */
function asked(name: string): readonly [method: string, path: string] {
  const [method, path] = name.split(' ') as [string, string] // as they are spelled
  return [method, path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => (parameter === 'countable' ? 'day' : ID))]
}

test('every operation of the protocol is served, or told to be missing in so many words', async () => {
  const missing: string[] = []
  const unknown: string[] = []

  for (const name of operationNames) {
    const [method, path] = asked(name)
    const { status, body } = await server.call(method, path, method === 'GET' ? undefined : '"a body that no operation takes"')
    if (status === 501) missing.push(name)
    // What no route is for is answered so; a noun that is not there says which.
    if (status === 405 || (status === 404 && body.detail === 'Not Found')) unknown.push(name)
  }

  expect(unknown).toEqual([])
  expect(missing.toSorted()).toEqual(notYet.toSorted())
})

test.each(notYet)('%s says that it is not offered, and where to see what is', async (name) => {
  const [method, path] = asked(name)
  const detail = `this server does not offer ${name} yet`

  const { status, body } = await server.call(method, path)

  expect(status).toBe(501)
  expect(body).toEqual({ code: 'NOT_IMPLEMENTED', detail, exception_message: detail, fix: expect.stringContaining('/docs/api') })
})

test('a method that a path does not have is told apart from a path that is not there', async () => {
  const wrong = await server.call('PUT', '/flows/')
  const other = await server.call('DELETE', '/health')
  const nowhere = await server.call('GET', '/nowhere')

  expect([wrong.status, wrong.body, wrong.headers.get('allow')]).toEqual([405, { detail: 'Method Not Allowed' }, 'POST'])
  expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET'])
  expect([nowhere.status, nowhere.body]).toEqual([404, { detail: 'Not Found' }])
})

test('the address that a server prints leads to the reference of its API', async () => {
  for (const path of ['/', '/api', '/api/']) {
    const answer = await server.app.request(path)

    expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 302, '/docs/api'])
  }
})

test('every operation is there with and without a slash at its end', async () => {
  for (const name of operationNames) {
    const [method, path] = asked(name)
    const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
    const body = method === 'GET' ? undefined : '"a body that no operation takes"'

    expect([name, (await server.call(method, other, body)).status]).toEqual([name, (await server.call(method, path, body)).status])
  }
})

const questions = operationNames.filter((name) => /\/(?:filter|count|paginate|history|lateness)$/.test(name) && !notYet.includes(name))

describe('every member of a question is understood', () => {
  test.each(questions)('%s', async (name) => {
    const schema = bodySchemaOf(name)
    if (schema === undefined) return
    const [method, path] = asked(name)
    const required = name.endsWith('/history')
      ? { history_start: '2026-01-01T00:00:00Z', history_end: '2026-01-02T00:00:00Z', history_interval_seconds: 3600 }
      : {}

    for (const { at, body } of samplesOf(schema)) {
      const asks = name.includes('/input/') ? { prefix: 'a', ...(body as object) } : { ...required, ...(body as object) } // an object's member
      const { status, text } = await server.call(method, path, asks)
      // No such run, pool and so on is an answer, too.
      expect([at, status === 404 || status === 200, status < 400 ? '' : text]).toEqual([at, true, status === 404 ? text : ''])
    }
  })
})

describe('an answer that clients could not read is found', () => {
  const flow = { id: ID, created: '2026-01-01T00:00:00Z', updated: '2026-01-01T00:00:00.123456Z', name: 'sync', tags: [], labels: {} }
  const problemsOf = (status: number, body: unknown): readonly string[] =>
    answerProblems({ method: 'GET', path: `/flows/${ID}`, status, text: JSON.stringify(body) })

  test('one that is right is none', () => expect(problemsOf(200, flow)).toEqual([]))

  test.each([
    ['a member that is missing', 200, { ...flow, labels: undefined }, "must have required property 'labels'"],
    ['a member of another type', 200, { ...flow, name: 5 }, '/name must be string'],
    ['a time of three digits', 200, { ...flow, created: '2026-01-01T00:00:00.123Z' }, '/created must match format "date-time"'],
    ['another status', 201, flow, 'answered 201, which is none of 200'],
  ])('%s', (_, status, body, problem) => expect(problemsOf(status, body).join('\n')).toContain(problem))
})
