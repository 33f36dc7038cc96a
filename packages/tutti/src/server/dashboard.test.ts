import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDashboard } from './dashboard.ts'
import type { Dashboard } from './dashboard.ts'

const SCRIPT = `export const text = '${'x'.repeat(4_000)}'`
const HTML = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

let outside: string
let folder: string
let dashboard: Dashboard

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'tutti-dashboard-'))
  folder = join(outside, 'ui')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(outside, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'index.html'), '<!doctype html><base href="./"><script type="module" src="./assets/index-1a2b.js"></script>')
  writeFileSync(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(join(folder, 'assets', 'index-1a2b.js'), SCRIPT)
  dashboard = createDashboard(folder)
})
afterEach(() => rmSync(outside, { recursive: true, force: true }))

function get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Response> {
  return dashboard(new Request(`http://127.0.0.1:4200${path}`, { method, headers }))
}

describe('the page', () => {
  test.each([
    ['/', './'],
    ['/flow-runs', './'],
    ['/flow-runs/', '../'],
    ['/flow-runs/x', '../'],
    ['/work-pools/a/queue/b', '../../../'],
  ])('at %s finds its files by %s, whatever a proxy put before the path', async (path, base) => {
    const response = await get(path, HTML)

    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    expect(await response.text()).toContain(`<base href="${base}">`)
  })

  test('is not served without them when they are there and cannot be read', async () => {
    mkdirSync(join(folder, 'preloads.json'))

    await expect(get('/', HTML)).rejects.toMatchObject({ code: 'EISDIR' })
  })

  test.each([
    ['/', ['home-1.js']],
    ['/runs', ['runs-1.js', 'table-1.js']],
    ['/runs/', []],
    ['/runs/a1', ['run-1.js']],
    ['/runs/a1/more', []],
  ])('at %s names the scripts of that page, so that they are fetched with the first ones', async (path, files) => {
    const preloads = { '/': ['home-1.js'], '/runs': ['runs-1.js', 'table-1.js'], '/runs/$id': ['run-1.js'] }
    writeFileSync(join(folder, 'preloads.json'), JSON.stringify(preloads))
    writeFileSync(join(folder, 'index.html'), '<!doctype html><head><base href="./"></head>')

    const page = await (await get(path, HTML)).text()

    expect([...page.matchAll(/<link rel="modulepreload" crossorigin href="\.\/([^"]+)">/g)].map(([, file]) => file)).toEqual(files)
  })

  test('runs no script but its own and stands in no frame of others', async () => {
    const { headers } = await get('/', HTML)

    expect(headers.get('content-security-policy')).toContain("script-src 'self';")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual(['nosniff', 'same-origin'])
  })

  test('is not sent again to who has it', async () => {
    const { headers } = await get('/flow-runs/x', HTML)

    const again = await get('/flow-runs/y', { ...HTML, 'If-None-Match': headers.get('etag') ?? '' })

    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('is another one once it is built anew', async () => {
    await get('/', HTML)
    rmSync(folder, { recursive: true })
    mkdirSync(folder)
    writeFileSync(join(folder, 'index.html'), 'anew')

    expect(await (await get('/', HTML)).text()).toBe('anew')
    expect((await get('/assets/index-1a2b.js')).status).toBe(404)
  })

  test('stands at paths with a dot when a browser goes there, and not for files that are missing', async () => {
    expect((await get('/artifacts/report.v2', HTML)).status).toBe(200)
    expect((await get('/favicon.ico', { Accept: 'image/avif,image/*,*/*;q=0.8' })).status).toBe(404)
    expect((await get('/flow-runs', { Accept: 'application/json' })).status).toBe(404)
  })

  test('answers HEAD without a body', async () => {
    const response = await get('/', HTML, 'HEAD')

    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(0)
  })
})

describe('a file', () => {
  test('with a hash in its name is kept for good, and sent in gzip', async () => {
    const response = await get('/assets/index-1a2b.js', { 'Accept-Encoding': 'gzip, br' })

    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'Accept-Encoding',
    })
    expect(gunzipSync(await response.arrayBuffer()).toString()).toBe(SCRIPT)
  })

  test('is sent as it is to who takes no gzip', async () => {
    const response = await get('/assets/index-1a2b.js')

    expect([response.headers.get('content-encoding'), await response.text()]).toEqual([null, SCRIPT])
  })

  test('with a name that stays is asked for again', async () => {
    const { headers } = await get('/icon.svg')

    expect([headers.get('content-type'), headers.get('cache-control')]).toEqual(['image/svg+xml', 'no-cache'])
    expect((await get('/icon.svg', { 'If-None-Match': headers.get('etag') ?? '' })).status).toBe(304)
  })

  test('of an earlier build is missing, also for who takes HTML', async () => {
    expect((await get('/assets/index-0000.js', HTML)).status).toBe(404)
  })

  test.each(['/..%2fsecret.txt', '/assets/..%2f..%2fsecret.txt', '/%2e%2e/secret.txt', '/..%5csecret.txt', '/%00', '/%ff'])(
    '%s leads to nothing outside',
    async (path) => {
      const response = await get(path, { Accept: 'text/plain' })

      expect([response.status, await response.text()]).toEqual([404, '{"detail":"Not Found"}'])
    },
  )
})

test('where it is not built, the page says what to type', async () => {
  rmSync(folder, { recursive: true })

  const response = await get('/flow-runs/x', HTML)

  expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
  expect(await response.text()).toMatch(/npm run build[^]*href="\.\.\/docs\/api"/)
})
