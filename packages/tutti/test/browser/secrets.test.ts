// What a run lets out is hidden in every page, and in whatever the pages are sent.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Planting } from '../e2e/planted.ts'
import { Work } from '../e2e/work.ts'
import { hunt } from '../tools/secret-hunt.ts'
import type { Place } from '../tools/secret-hunt.ts'
import { launchChromium, openPage } from './chromium.ts'

let browser: Browser
let work: Work
let planting: Planting
let runs: { readonly leaking: string; readonly crashing: string }

beforeAll(async () => {
  browser = await launchChromium()
  work = new Work()
  await work.open()
  planting = new Planting(work)
  await planting.all()
  await work.worker()
  writeFileSync(path.join(work.folder, 'gate'), '')
  runs = { leaking: await planting.trigger('leaks'), crashing: await planting.trigger('crashes') }
  await work.reached(runs.leaking, 'COMPLETED')
  await work.reached(runs.crashing, 'CRASHED')
  await work.logged(runs.leaking, 'without the console')
})

afterAll(async () => {
  await browser.close()
  await work.close()
})

/** What somebody sees of an address once `text` is there, what the page is made of, and what it was sent. */
async function seen(address: string, text: string | undefined): Promise<readonly Place[]> {
  const page = await openPage(browser)
  const sent: Promise<Place>[] = []
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    const place = (content: Buffer | string): Place => ({ name: `what ${address} is sent by ${pathname}`, content })
    sent.push(response.body().then(place, () => place('')))
  })
  await page.goto(`${work.server.url.replace(/\/api$/, '')}${address}`)
  await page.locator('h1').first().waitFor()
  if (text !== undefined) await page.getByText(text).first().waitFor()
  const places = [
    { name: `the text of ${address}`, content: await page.locator('body').innerText() },
    { name: `the page ${address}`, content: await page.content() },
  ]
  // Ends the streams of changes too.
  await page.context().close()
  return [...places, ...(await Promise.all(sent))]
}

/** Opens each address, and looks for the secrets. */
async function found(addresses: readonly (readonly [address: string, text?: string])[]): Promise<readonly string[]> {
  const left: string[] = []
  for (const [address, text] of addresses) left.push(...hunt(await seen(address, text), planting.secrets))
  return left
}

test('the pages of a run that has let out secrets show none', async () => {
  const { leaking, crashing } = runs

  const left = await found([
    [`/runs/${leaking}`, '********'],
    [`/runs/${leaking}?view=graph`, '********'],
    [`/runs/${crashing}`, 'lost the connection of ********'],
  ])

  expect(left).toEqual([])
})

test('its artifacts show none', async () => {
  const artifacts = await work.client.artifacts.list({ body: { artifacts: { flow_run_id: { any_: [runs.leaking] } } } })

  const left = await found(artifacts.map(({ id }) => [`/artifacts/${id}`, '********']))

  expect(artifacts.length).toBeGreaterThan(2)
  expect(left).toEqual([])
})

test('lists show none', async () => {
  expect(await found([['/logs', '********'], ['/'], ['/runs'], ['/events'], ['/artifacts'], ['/variables']])).toEqual([])
})
