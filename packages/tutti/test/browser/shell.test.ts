// What stands around every page.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../crash/server-process.ts'
import { barriers } from './accessibility.ts'
import { complaintsOf, launchChromium, openPage } from './chromium.ts'
import { Stage } from './story/story.ts'

const home = mkdtempSync(path.join(tmpdir(), 'tutti-browser-'))
let browser: Browser
let stage: Stage
let address: string

beforeAll(async () => {
  browser = await launchChromium()
  stage = new Stage(path.join(home, 'shell'), await freePort())
  await stage.server.start()
  address = stage.server.url.replace(/\/api$/, '')
})

afterAll(async () => {
  await browser.close()
  await stage.close()
  rmSync(home, { recursive: true, force: true })
})

test('the palette finds a flow by a part of its name, and goes there', async () => {
  const { id } = await stage.client.flows.create({ body: { name: 'quarterly-numbers' } })
  const page = await openPage(browser)
  await page.goto(address)
  await page.getByRole('heading', { level: 1, name: /Home|Welcome to Tutti/ }).waitFor()

  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('A run, a flow').fill('quarterly')
  await page.getByRole('option', { name: 'quarterly-numbers' }).click()

  await page.waitForURL(`**/flows/${id}`)
  await page.getByRole('heading', { level: 1, name: 'quarterly-numbers' }).waitFor()
  expect(complaintsOf(page)).toEqual([])
  await page.context().close()
})

test('every page can be reached by the keys the help names, and none of them makes the browser complain', async () => {
  const page = await openPage(browser)
  await page.goto(address)
  await page.locator('h1').first().waitFor()

  for (const [key, title] of [
    ['r', 'Runs'],
    ['f', 'Flows'],
    ['d', 'Deployments'],
    ['w', 'Work pools'],
    ['c', 'Concurrency'],
    ['l', 'Logs'],
    ['e', 'Events'],
    ['a', 'Artifacts'],
    ['v', 'Variables'],
    ['s', 'Settings'],
    ['h', /Home|Welcome to Tutti/],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await page.getByRole('heading', { level: 1, name: title }).waitFor()
  }
  await page.keyboard.press('?')
  await page.getByRole('dialog', { name: 'Keys' }).waitFor()

  expect(complaintsOf(page)).toEqual([])
  await page.context().close()
})

test('the appearance that was chosen is there when the page is loaded again', async () => {
  const page = await openPage(browser)
  await page.goto(address)
  const isDark = (): Promise<boolean> => page.evaluate("document.documentElement.classList.contains('dark')")

  await page.getByRole('button', { name: 'Appearance: system' }).click()
  await page.getByRole('button', { name: 'Appearance: light' }).click()
  expect(await isDark()).toBe(true)
  await page.reload()

  expect(await isDark()).toBe(true)
  await page.context().close()
})

test('words beside an icon are shown to who points at it or comes to it by keyboard, and go away again', async () => {
  const page = await openPage(browser)
  await page.goto(address)
  const button = page.getByRole('button', { name: 'Show icons only' })
  const words = page.getByRole('tooltip')
  await button.hover()
  await words.waitFor()
  expect(await words.textContent()).toBe('Show icons only')
  const [above, below] = [(await words.boundingBox())!, (await button.boundingBox())!]
  expect([above.x >= 0, above.y >= 0, above.y + above.height <= below.y || above.y >= below.y + below.height]).toEqual([true, true, true])
  await page.mouse.move(600, 500)
  await words.waitFor({ state: 'detached' })

  await page.keyboard.press('Tab')
  for (let steps = 0; steps < 10 && (await words.count()) === 0; steps += 1) {
    await page.keyboard.press('Tab')
    await words.waitFor({ timeout: 1_000 }).catch(() => undefined) // a link has none
  }
  await words.waitFor()
  await page.keyboard.press('Escape')
  await words.waitFor({ state: 'detached' })
  await page.context().close()
})

test('a page that was open while the server was away goes on with it', async () => {
  const page = await openPage(browser)
  await page.goto(`${address}/flows`)
  const live = page.getByText('Live', { exact: true })
  await live.waitFor()

  await stage.server.kill()
  await page.getByText('Server away').waitFor()
  await page.getByText('The server does not answer. You see what was known').waitFor()
  await stage.server.start()
  await live.waitFor()
  await stage.client.flows.create({ body: { name: 'made-afterwards' } })
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('A run, a flow').fill('made-after')

  await page.getByRole('option', { name: 'made-afterwards' }).waitFor()
  expect(await page.getByText('Server away').count()).toBe(0)
  await page.context().close()
})

test('below a path of a proxy everything is found: pages, their parts and the server', async () => {
  const proxy = createServer((incoming, outgoing) => {
    if (!incoming.url?.startsWith('/tools/tutti/')) {
      outgoing.writeHead(404).end()
      return
    }
    const to = new URL(incoming.url.slice('/tools/tutti'.length), address)
    incoming.pipe(
      request(to, { method: incoming.method, headers: incoming.headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      }),
    )
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  const page = await openPage(browser)

  await page.goto(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/tools/tutti/work-pools`)
  await page.getByRole('heading', { level: 1, name: 'Work pools' }).waitFor()
  await page.getByRole('link', { name: 'Deployments' }).click()
  await page.getByRole('heading', { level: 1, name: 'Deployments' }).waitFor()

  expect(new URL(page.url()).pathname).toBe('/tools/tutti/deployments')
  await page.reload()
  await page.getByText('Live', { exact: true }).waitFor()
  expect(complaintsOf(page)).toEqual([])
  await page.context().close()
})

test('a server that asks who one is lets in whoever knows, and says so to who does not', async () => {
  const guarded = new Stage(path.join(home, 'guarded'), await freePort(), { TUTTI_API_AUTH_STRING: 'ada:lovelace' })
  await guarded.server.start()
  onTestFinished(() => guarded.close())
  const page = await openPage(browser)
  await page.goto(guarded.server.url.replace(/\/api$/, ''))

  await page.getByLabel('User').fill('ada')
  await page.getByLabel('Password').fill('byron')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('did not take this user').waitFor()
  await page.getByLabel('Password').fill('lovelace')
  await page.getByRole('button', { name: 'Sign in' }).click()

  await page.getByText('Live', { exact: true }).waitFor()
  expect(await page.getByLabel('Password').count()).toBe(0)
  await page.context().close()
})

test('on a narrow screen the pages are behind a menu that a keyboard can open, and nobody is kept out', async () => {
  const page = await openPage(browser, { width: 360, height: 780 })
  await page.goto(`${address}/variables`)
  await page.getByRole('heading', { level: 1, name: 'Variables' }).waitFor()

  expect(await barriers(page)).toEqual([])
  await page.getByRole('button', { name: 'Open the menu' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Concurrency' }).click()

  await page.getByRole('heading', { level: 1, name: 'Concurrency' }).waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  await page.context().close()
})
