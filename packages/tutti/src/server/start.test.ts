import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as send } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadSettings } from '../settings/load.ts'
import { findLocalServer } from '../system/local-server.ts'
import { findServer } from './running.ts'
import { startServer } from './start.ts'
import type { RunningServer, ServerOptions } from './start.ts'

let home: string
let lines: string[]
let server: RunningServer

function start(environment: Readonly<Record<string, string>> = {}, options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  return startServer({
    settings: loadSettings({ TUTTI_HOME: home, ...environment }, () => undefined),
    host: '127.0.0.1',
    port: 0,
    version: '1.2.3',
    writeLog: (line) => lines.push(line),
    onLost: (error) => {
      throw error
    },
    ...options,
  })
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tutti-start-'))
  lines = []
})
afterEach(async () => {
  await server.close()
  rmSync(home, { recursive: true, force: true })
})

/** The status of a raw request, whose headers a browser would not let a page choose. */
function statusOf(headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = send(`${server.url}/flows/`, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', reject)
    request.end('{"name":"sync"}')
  })
}

describe('a request', () => {
  test('has an id, of its own or of its sender, in the answer and in the log', async () => {
    server = await start({ TUTTI_SERVER_LOG_LEVEL: 'debug' })

    const given = await fetch(`${server.url}/version`, { headers: { 'X-Request-Id': 'mine-1' } })
    const made = await fetch(`${server.url}/version`, { headers: { 'X-Request-Id': 'not one"' } })
    await Promise.all([given.text(), made.text()])
    await server.close()

    expect(given.headers.get('x-request-id')).toBe('mine-1')
    expect(made.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
    const logged = lines.map((line): unknown => JSON.parse(line))
    expect(logged).toContainEqual(expect.objectContaining({ request: 'mine-1', method: 'GET', path: '/api/version', status: 200 }))
  })

  test('that is too long is refused, whether it says so or not', async () => {
    server = await start({ TUTTI_SERVER_BODY_MAX: '1024' })
    const long = JSON.stringify({ name: 'x'.repeat(2_000) })
    const stream = new Blob([long]).stream()

    const told = await fetch(`${server.url}/flows/`, { method: 'POST', body: long })
    const streamed = await fetch(`${server.url}/flows/`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit) // `duplex` is not in the types
    const packed = await fetch(`${server.url}/flows/`, { method: 'POST', body: gzipSync(long), headers: { 'Content-Encoding': 'gzip' } })

    expect([told.status, streamed.status, packed.status]).toEqual([413, 413, 413])
    expect(await told.json()).toMatchObject({ code: 'TOO_LARGE' })
  })

  test('that is nested too deeply to be read is refused as wrong', async () => {
    server = await start()
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

    const stored = await fetch(`${server.url}/flows/`, { method: 'POST', body: `{"name":"deep","labels":${deep}}` })
    const asked = await fetch(`${server.url}/flow_runs/filter`, { method: 'POST', body: `{"flow_runs":${deep}}` })

    expect([stored.status, asked.status]).toEqual([422, 422])
    expect(await stored.text()).toContain('nested too deeply')
  })

  test('may be packed', async () => {
    server = await start()
    const body = gzipSync('{"name":"packed"}')

    const answer = await fetch(`${server.url}/flows/`, { method: 'POST', body, headers: { 'Content-Encoding': 'gzip' } })
    const damaged = await fetch(`${server.url}/flows/`, {
      method: 'POST',
      body: body.subarray(0, 12),
      headers: { 'Content-Encoding': 'gzip' },
    })

    expect([answer.status, damaged.status]).toEqual([201, 400])
    expect(await answer.json()).toMatchObject({ name: 'packed' })
  })

  test('is told to come again when too many are under way', async () => {
    server = await start({ TUTTI_SERVER_REQUESTS_MAX: '1' })
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    const slow = new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode('{"name":'))
        await held
        controller.enqueue(new TextEncoder().encode('"slow"}'))
        controller.close()
      },
    })
    const first = fetch(`${server.url}/flows/`, { method: 'POST', body: slow, duplex: 'half' } as RequestInit) // as above
    let second = await fetch(`${server.url}/version`)
    // The first one is on its way for as long as the second one is let in.
    while (second.status === 200) second = await fetch(`${server.url}/version`)
    release()

    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1'])
    expect((await first).status).toBe(201)
  })

  test('is counted by its route', async () => {
    server = await start()
    await (await fetch(`${server.url}/variables/name/none`)).text()

    const text = await (await fetch(`${server.url}/metrics`)).text()

    expect(text).toContain('tutti_http_requests_total{method="GET",route="/variables/name/{name}",status="404"} 1')
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect(text).toContain('tutti_flow_runs{state="running"} 0')
  })
})

describe('who is answered', () => {
  test('a name that was made to point here is not', async () => {
    server = await start()

    expect(await statusOf({ Host: 'evil.example' })).toBe(403)
  })

  test('plain text of a foreign page is not, that of a program is', async () => {
    server = await start()

    expect(await statusOf({ Origin: 'https://evil.example', 'Content-Type': 'text/plain' })).toBe(403)
    expect(await statusOf({ 'Content-Type': 'text/plain' })).toBe(201)
    expect(await statusOf({})).toBe(200)
  })

  test('others are not let in by mistake', async () => {
    await expect(start({}, { host: '0.0.0.0' })).rejects.toMatchObject({ code: 'UNPROTECTED' })
    server = await start({ TUTTI_API_AUTH_STRING: 'ada:secret' }, { host: '0.0.0.0' })

    const url = server.url.replace('0.0.0.0', '127.0.0.1')
    expect([(await fetch(`${url}/version`)).status, (await fetch(`${url}/health`)).status]).toEqual([401, 200])
    expect((await fetch(`${url}/version`, { headers: { Authorization: 'Bearer ada:secret' } })).status).toBe(200)
  })
})

describe('the server of a home', () => {
  test('is one at a time, found while it runs and gone when it is closed', async () => {
    server = await start()
    expect(findServer(home)).toMatchObject({ url: server.url, holder: { pid: process.pid } })
    await expect(start()).rejects.toMatchObject({ code: 'SERVER_RUNNING', message: expect.stringContaining(server.url) as string })

    await server.close()

    expect(findServer(home)).toBeUndefined()
    expect(existsSync(join(home, 'server.json'))).toBe(false)
    server = await start()
    expect(findServer(home)).toMatchObject({ url: server.url })
  })

  test('says why its database cannot be opened, and leaves the home to others', async () => {
    const file = join(home, 'notes.db')
    writeFileSync(file, 'these are notes')
    const lost: Error[] = []

    const refused = start({ TUTTI_DATABASE_URL: `file:${file}` }, { onLost: (error) => lost.push(error) })

    await expect(refused).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('is not a database') as string })
    expect(lost).toEqual([])
    server = await start()
  })

  test('is refused where no home can be made', async () => {
    const file = join(home, 'a-file')
    writeFileSync(file, '')

    await expect(start({ TUTTI_HOME: join(file, 'home') })).rejects.toMatchObject({ code: 'HOME_UNUSABLE' })
    server = await start()
  })

  test('may have a home whose path is longer than that of a socket', async () => {
    const deep = join(home, 'h'.repeat(120))

    server = await start({ TUTTI_HOME: deep })

    expect(await findLocalServer(deep)).toBeDefined()
  })

  test('ends the requests under way before it lets go of the database', async () => {
    server = await start()
    const writes = Array.from({ length: 20 }, (_, at) => fetch(`${server.url}/flows/`, { method: 'POST', body: `{"name":"flow-${at}"}` }))
    const answered = await Promise.race(writes)
    await server.close()

    const kept = (await Promise.allSettled(writes)).filter((each) => each.status === 'fulfilled' && each.value.status === 201).length
    expect(answered.status).toBe(201)
    server = await start()
    const stored = (await (await fetch(`${server.url}/flows/count`, { method: 'POST', body: '{}' })).json()) as number
    expect(stored).toBeGreaterThanOrEqual(kept)
  })
})

test('a server whose key was lost starts, and says at once what it cannot read', async () => {
  server = await start()
  const post = async (path: string, body: unknown): Promise<unknown> =>
    (
      await fetch(`${server.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    ).json()
  const { id } = (await (await fetch(`${server.url}/block_types/slug/secret`)).json()) as { id: string } // as the protocol says
  const [schema] = (await post('/block_schemas/filter', { block_schemas: { block_type_id: { any_: [id] } } })) as { id: string }[] // as above
  await post('/block_documents/', { name: 'kept', data: { value: 'x' }, block_type_id: id, block_schema_id: schema!.id })
  await server.close()
  rmSync(join(home, 'secret.key'))
  lines = []

  server = await start()

  expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual(
    expect.objectContaining({ level: 'warn', documents: { [/\b[0-9a-f]{12}\b/.exec(lines.join(''))?.[0] ?? '']: 1 } }),
  )
})
