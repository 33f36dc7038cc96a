import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer
let flowId: string
let runId: string

beforeEach(async () => {
  server = await openServer()
  flowId = (await send('POST', '/flows/', { name: 'sync' })).body.id
  runId = (await send('POST', '/flow_runs/', { flow_id: flowId, name: 'first' })).body.id
})
afterEach(() => server.close())

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, path, body)
}

interface Line {
  readonly message: string
  readonly level?: number
  readonly run?: string | null
}

/** One line in each second, but the first two in the same one. */
async function write(lines: readonly Line[], from = 0): Promise<void> {
  const body = lines.map(({ message, level = 20, run = runId }, at) => ({
    name: 'sync',
    level,
    message,
    timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, from + Math.max(1, at))).toISOString(),
    flow_run_id: run,
  }))
  expect((await send('POST', '/logs/', body)).status).toBe(201)
}

const numbered = (count: number): readonly Line[] => Array.from({ length: count }, (_, at) => ({ message: `line ${at}` }))

function messages({ body }: Answer): readonly string[] {
  return body.lines.map(({ message }: { readonly message: string }) => message)
}

function at(query: string): Promise<Answer> {
  return send('GET', `/flow_runs/${runId}/logs?${query}`)
}

describe('the log of a run', () => {
  it('is read from its start and from its end, on and back, without a gap', async () => {
    await write(numbered(10))

    const start = await at('limit=4')
    expect(messages(start)).toEqual(['line 0', 'line 1', 'line 2', 'line 3'])
    expect(start.body).toMatchObject({ before: null, more_after: true })
    const next = await at(`limit=4&after=${start.body.after}`)
    expect(messages(next)).toEqual(['line 4', 'line 5', 'line 6', 'line 7'])

    const tail = await at('tail=1&limit=3')
    expect(messages(tail)).toEqual(['line 7', 'line 8', 'line 9'])
    expect(tail.body.more_after).toBe(false)
    const back = await at(`limit=20&before=${tail.body.before}`)
    expect(messages(back)).toEqual(numbered(7).map(({ message }) => message))
    expect(back.body).toMatchObject({ before: null, more_after: true })
  })

  it('is followed: what is written later lies after its last line', async () => {
    await write(numbered(2))
    const end = await at('tail=1')
    const nothing = await at(`after=${end.body.after}`)
    expect(nothing.body).toMatchObject({ lines: [], more_after: false, after: end.body.after })

    await write([{ message: 'later' }], 100)

    expect(messages(await at(`after=${nothing.body.after}`))).toEqual(['later'])
  })

  it('shows the lines around a line, also where its level is left out', async () => {
    await write([...numbered(5), { message: 'quiet', level: 10 }, ...numbered(5).map(({ message }) => ({ message: `${message} again` }))])
    const { body } = await send('GET', `/flow_runs/${runId}/logs/find?text=quiet`)
    const id = body.hits[0].id

    expect(messages(await at(`around=${id}&limit=5`))).toEqual(['line 3', 'line 4', 'quiet', 'line 0 again', 'line 1 again'])
    expect(messages(await at(`around=${id}&limit=3&level=INFO`))).toEqual(['line 4', 'quiet', 'line 0 again'])
    expect(messages(await at(`after=${body.hits[0].cursor}&limit=1`))).toEqual(['line 0 again'])
  })

  it('is filtered by level', async () => {
    await write([{ message: 'fine' }, { message: 'odd', level: 30 }, { message: 'bad', level: 40 }])

    expect(messages(await at('level=WARNING'))).toEqual(['odd', 'bad'])
    expect(messages(await at('level=40'))).toEqual(['bad'])
  })

  it('refuses two places at once, a foreign cursor, and lines and runs that are not there', async () => {
    const nobody = '019b7600-0000-7000-8000-0000000f0001'

    expect((await at('tail=1&after=x')).status).toBe(422)
    expect((await at('after=nonsense')).body).toMatchObject({ code: 'INVALID_CURSOR' })
    expect((await at(`around=${nobody}`)).status).toBe(404)
    expect((await send('GET', `/flow_runs/${nobody}/logs`)).status).toBe(404)
    expect((await at('')).body).toEqual({ lines: [], before: null, after: null, more_after: false })
  })
})

describe('a text in the log of a run', () => {
  it('is found whatever its case, with its places in the message', async () => {
    await write([{ message: 'Connection REFUSED by db' }, { message: 'all is well' }, { message: 'refused, refused again', level: 40 }])

    const { body } = await send('GET', `/flow_runs/${runId}/logs/find?text=refused`)

    expect(body).toMatchObject({ total: 2, more: false, cursor: null, looked: 3 })
    expect(body.hits).toMatchObject([
      { level: 20, task_run_id: null, excerpt: { text: 'Connection REFUSED by db', matches: [[11, 18]], cut: false } },
      {
        level: 40,
        excerpt: {
          matches: [
            [0, 7],
            [9, 16],
          ],
        },
      },
    ])
    expect((await send('GET', `/flow_runs/${runId}/logs/find?text=refused&level=ERROR`)).body.total).toBe(1)
  })

  it('is no pattern, and may have letters of any language', async () => {
    await write([{ message: '100% done_now' }, { message: '1000 doneXnow' }, { message: 'GRÖßE' }])

    const find = async (text: string): Promise<number> =>
      (await send('GET', `/flow_runs/${runId}/logs/find?text=${encodeURIComponent(text)}`)).body.total
    expect(await find('0% D')).toBe(1)
    expect(await find('done_now')).toBe(1)
    expect(await find('größe')).toBe(1)
  })

  it('is found page by page', async () => {
    await write(numbered(5))

    const first = (await send('GET', `/flow_runs/${runId}/logs/find?text=line&limit=3`)).body
    expect(first).toMatchObject({ total: 5, more: true })
    const second = (await send('GET', `/flow_runs/${runId}/logs/find?text=line&limit=3&cursor=${first.cursor}`)).body
    expect(second.hits.map(({ excerpt }: { readonly excerpt: { readonly text: string } }) => excerpt.text)).toEqual(['line 3', 'line 4'])
    expect(second).toMatchObject({ more: false, cursor: null })
  })
})

describe('lines of all runs', () => {
  it('are searched by text, level, time and flow, newest first, with the names of their runs', async () => {
    const otherFlow = (await send('POST', '/flows/', { name: 'other' })).body.id
    const other = (await send('POST', '/flow_runs/', { flow_id: otherFlow, name: 'second' })).body.id
    await write([{ message: 'disk full', level: 40 }, { message: 'disk fine' }, { message: 'Disk full', level: 40, run: other }])

    const { body } = await send('POST', '/logs/search', { text: 'disk FULL' })
    expect(body.lines).toMatchObject([
      { message: 'Disk full', flow_run: { name: 'second', flow_id: otherFlow, flow_name: 'other' }, excerpt: { matches: [[0, 9]] } },
      { message: 'disk full', flow_run: { name: 'first' } },
    ])
    expect(body).toMatchObject({ looked: 3, looked_until: '2026-01-01T00:00:01Z', more: false, cursor: null })
    expect(messages(await send('POST', '/logs/search', { flow_ids: [otherFlow] }))).toEqual(['Disk full'])
    expect(messages(await send('POST', '/logs/search', { flow_run_ids: [runId], level: 'ERROR' }))).toEqual(['disk full'])
    expect(messages(await send('POST', '/logs/search', { after: '2026-01-01T00:00:02Z' }))).toEqual(['Disk full'])
  })

  it('come page by page in either order', async () => {
    await write(numbered(5))

    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await send('POST', '/logs/search', { limit: 2, sort: 'TIMESTAMP_ASC', cursor })
      seen.push(...messages(page))
      cursor = page.body.cursor
    } while (cursor !== null)

    expect(seen).toEqual(numbered(5).map(({ message }) => message))
    expect(messages(await send('POST', '/logs/search', { limit: 1 }))).toEqual(['line 4'])
    expect((await send('POST', '/logs/search', { text: '' })).status).toBe(422)
  })
})
