// What pages look like, over the same database each time and at the same moment.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seed } from '../../../../bench/seed.ts'
import { freePort } from '../crash/server-process.ts'
import { launchChromium, openPage } from './chromium.ts'
import type { Look } from './chromium.ts'
import { differenceOf, isUpdating } from './pictures.ts'
import { Stage } from './story/story.ts'

const NOW = Date.UTC(2026, 10, 2, 10, 30)
const FLOW_NAMES = ['trips-etl', 'monthly-invoices', 'warehouse-sync', 'score-customers', 'send-digest']

const folder = mkdtempSync(path.join(tmpdir(), 'tutti-pictures-'))
let browser: Browser
let stage: Stage
let address: string
let run: string
let flow: string

beforeAll(async () => {
  browser = await launchChromium()
  const home = path.join(folder, 'home')
  mkdirSync(home, { mode: 0o700 })
  const seeded = await seed(`file:${path.join(home, 'tutti.db')}`, {
    flowRuns: 600,
    taskRunsPerFlowRun: 8,
    flowNames: FLOW_NAMES,
    days: 14,
    now: NOW * 1_000,
  })
  run = seeded.flowRunIds.at(-3)!
  flow = seeded.flowIds[0]!
  stage = new Stage(home, await freePort(), { TUTTI_RETENTION_INTERVAL: '1d' })
  await stage.server.start()
  address = stage.server.url.replace(/\/api$/, '')
})

afterAll(async () => {
  await browser.close()
  await stage.close()
  rmSync(folder, { recursive: true, force: true })
})

const PAGES: readonly (readonly [name: string, to: () => string, look: Look])[] = [
  ['home', () => '/?window=7d', {}],
  ['home-dark', () => '/?window=7d', { scheme: 'dark' }],
  ['runs', () => '/runs', {}],
  ['runs-narrow', () => '/runs', { width: 360, height: 780 }],
  ['run', () => `/runs/${run}`, {}],
  ['run-dark', () => `/runs/${run}?view=list`, { scheme: 'dark' }],
  ['flow', () => `/flows/${flow}`, {}],
  ['deployments-empty', () => '/deployments', {}],
]

test.each(PAGES)('%s looks as it did', async (name, to, look) => {
  const page = await openPage(browser, look)
  await page.clock.setFixedTime(NOW)
  await page.goto(`${address}${to()}`)
  await page.locator('h1').first().waitFor()
  await page.waitForLoadState('load')
  await page.evaluate('document.fonts.ready.then(() => undefined)')
  // A new reference is taken when everything has come.
  if (isUpdating) await page.waitForTimeout(3_000)
  // Answers come one after the other; what differs for want of one is looked at again.
  const looked = async (): Promise<string | undefined> => differenceOf(page, name)

  await expect.poll(looked, { timeout: 15_000, interval: 500 }).toBeUndefined()
  await page.context().close()
})
