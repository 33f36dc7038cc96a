// Every page with a month of history in it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TaskRunRow } from '../../src/client/index.ts'
import { freePort } from '../crash/server-process.ts'
import { barriers } from './accessibility.ts'
import { complaintsOf, launchChromium, openPage } from './chromium.ts'
import { pagesOf } from './pages.ts'
import { Stage } from './story/story.ts'
import type { Story } from './story/story.ts'

const home = mkdtempSync(path.join(tmpdir(), 'tutti-browser-'))
let browser: Browser
let stage: Stage
let story: Story
let address: string

beforeAll(async () => {
  browser = await launchChromium()
  stage = new Stage(path.join(home, 'pages'), await freePort())
  story = await stage.tell({ pastRuns: 1_000, largeRun: 600 })
  address = stage.server.url.replace(/\/api$/, '')
})

afterAll(async () => {
  await browser.close()
  await stage.close()
  rmSync(home, { recursive: true, force: true })
})

async function shown(page: Page, to: string): Promise<void> {
  await page.goto(`${address}${to}`)
  await page.locator('h1').first().waitFor()
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
}

/** A page takes seconds on a busy machine: each test goes through a share of them. */
const SHARES = 3

describe.each([
  ['light and wide', {}, 'all'],
  ['dark and wide', { scheme: 'dark' }, 'colours'],
  ['narrow', { width: 360, height: 780 }, 'shape'],
] as const)('%s', (_look, look, rules) => {
  test.each(Array.from({ length: SHARES }, (_, share) => share))(
    'every page is complete, keeps nobody out and makes the browser complain of nothing: share %i',
    async (share) => {
      const page = await openPage(browser, look)
      const found: string[] = []
      const pages = await pagesOf(stage.client, story)
      for (const { name, to } of pages.filter((_page, at) => at % SHARES === share)) {
        await shown(page, to).catch((error: unknown) => found.push(`${name}: ${String(error)}`))
        for (const barrier of await barriers(page, rules)) found.push(`${name}: ${barrier}`)
        const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
        if (Number(overflow) > 0) found.push(`${name}: is ${String(overflow)} px wider than its window`)
      }
      found.push(...complaintsOf(page))

      expect([...new Set(found)]).toEqual([])
      await page.context().close()
    },
  )
})

test('a page that asks for what the server cannot give says what to do, and tries again', async () => {
  const page = await openPage(browser)
  let isBroken = true
  await page.route('**/api/variables/filter', (route) =>
    isBroken ? route.fulfill({ status: 500, contentType: 'application/json', body: '{"detail":"the disk is full"}' }) : route.continue(),
  )
  await page.goto(`${address}/variables`)
  await page.getByText('the disk is full').first().waitFor()

  isBroken = false
  await page.getByRole('button', { name: 'Try again' }).first().click()

  await page.getByText('feature_flags').first().waitFor()
  expect(await page.getByText('the disk is full').count()).toBe(0)
  await page.context().close()
})

test('while answers are slow a page keeps its place for them, and says that it loads', async () => {
  const page = await openPage(browser)
  const held: (() => void)[] = []
  let isSlow = true
  await page.route('**/api/**', async (route) => {
    if (isSlow && !route.request().url().includes('/live/')) await new Promise<void>((resolve) => held.push(resolve))
    await route.continue()
  })
  await page.goto(`${address}/`)
  await page.getByRole('status', { name: 'Loading' }).first().waitFor()
  await page.getByRole('region', { name: 'Flow runs' }).waitFor()
  const placeOf = async (name: string): Promise<number> => (await page.getByRole('region', { name }).boundingBox())!.y
  const before = [await placeOf('Flow runs'), await placeOf('Flows that fail')]

  isSlow = false
  for (const go of held) go()
  await page.getByRole('slider', { name: 'Flow runs over time' }).waitFor()

  expect([await placeOf('Flow runs'), await placeOf('Flows that fail')]).toEqual(before)
  await page.context().close()
})

test('a page that does not have all task runs of a run yet says how many of how many it has, in every view', async () => {
  const rows: TaskRunRow[] = []
  for await (const message of stage.client.live.taskRuns({ id: story.large }))
    if (message.type === 'task_runs') rows.push(...message.task_runs)
  const page = await openPage(browser)
  const part = { type: 'task_runs', task_runs: rows.slice(0, 400), more: true, total: rows.length }
  const rest = Promise.withResolvers<void>()
  let asked = 0
  await page.route('**/live/flow_runs/*/task_runs', async (route) => {
    asked += 1
    if (asked === 1) return route.fulfill({ contentType: 'text/event-stream', body: `id: 1\ndata: ${JSON.stringify(part)}\n\n` })
    await rest.promise
    await route.continue()
  })
  await page.goto(`${address}/runs/${story.large}`)
  const notice = page.getByText(`400 of ${rows.length} task runs`)
  for (const view of ['Graph', 'Grid', 'List', 'Timeline']) {
    await page.getByRole('radio', { name: view }).click()
    await notice.waitFor()
  }

  rest.resolve()

  await notice.waitFor({ state: 'detached' })
  await expect.poll(() => page.getByText(/ of [\d,]+ task runs/).count(), { timeout: 30_000 }).toBe(0)
  await page.context().close()
})

test('a task that ended well only after it was retried is told apart from those that did at once', async () => {
  const page = await openPage(browser)
  await shown(page, `/runs/${story.completed}?view=list`)

  const rowOf = (name: string): Locator => page.getByRole('table', { name: 'Task runs' }).getByRole('row').filter({ hasText: name })
  await rowOf('download-3').waitFor()
  expect(await rowOf('download-3').textContent()).toContain('Retried')
  expect(await rowOf('download-4').textContent()).toContain('Completed')
  await page.context().close()
})

test('task runs of all runs are listed as far as one scrolls', async () => {
  const page = await openPage(browser)
  await shown(page, '/runs?kind=tasks')
  const table = page.getByRole('table', { name: 'Task runs' })
  await table.getByRole('row').nth(5).waitFor()

  const lowest = (): Promise<number> =>
    table.evaluate((element) => {
      element.scrollTo(0, element.scrollHeight)
      return Math.max(...[...element.querySelectorAll('[aria-rowindex]')].map((row) => Number(row.getAttribute('aria-rowindex'))))
    })
  await expect.poll(lowest, { timeout: 30_000 }).toBeGreaterThan(350)

  await page.context().close()
})

test('runs that begin while one reads further down are offered, and shown when one asks for them', async () => {
  const page = await openPage(browser)
  await shown(page, '/runs')
  const table = page.getByRole('table', { name: 'Runs' })
  await table.getByRole('row').nth(5).waitFor()
  const scrolled = (): Promise<number> =>
    table.evaluate((element) => {
      element.scrollTo(0, 1_500)
      return element.scrollTop
    })
  await expect.poll(scrolled, { timeout: 30_000 }).toBe(1_500)

  const { id } = await stage.client.deployments.readByName({ flow_name: 'score-customers', deployment_name: 'hourly' })
  const made = await stage.client.deployments.createFlowRun({ id, body: { parameters: { customers: 2 } } })
  await expect.poll(async () => (await stage.client.flowRuns.read({ id: made.id })).start_time, { timeout: 60_000 }).not.toBeNull()
  await page.getByRole('button', { name: /^\d+ new$/ }).click()

  await table.getByRole('link', { name: made.name, exact: true }).waitFor()
  expect(await table.evaluate((element) => element.scrollTop)).toBe(0)
  await page.context().close()
})

test('a deployment is run by a form: a bad value is refused at its field, a good one leads to the run', async () => {
  const { id } = await stage.client.deployments.readByName({ flow_name: 'trips-etl', deployment_name: 'by-hand' })
  const page = await openPage(browser)
  await shown(page, `/deployments/${id}`)

  await page
    .getByRole('button', { name: 'Run', exact: true })
    .or(page.getByRole('button', { name: /^Run …|^Run\.\.\./ }))
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('partitions').fill('99')
  await dialog.getByLabel('partitions').blur()
  await dialog
    .getByText(/at most 24|24 or less|<= 24/i)
    .first()
    .waitFor()
  await dialog.getByLabel('partitions').fill('2')
  await dialog
    .getByRole('button', { name: /^(Run|Start)/ })
    .last()
    .click()

  await page.waitForURL((url) => /^\/runs\/[\da-f-]{36}$/.test(url.pathname))
  await page.locator('main header').getByText('Completed', { exact: true }).waitFor()
  const run = await stage.client.flowRuns.read({ id: new URL(page.url()).pathname.split('/').at(-1)! })
  expect(run.parameters['partitions']).toBe(2)
  await page.context().close()
})

test('runs that match a filter are cancelled together, after one has seen how many they are', async () => {
  const { id } = await stage.client.deployments.readByName({ flow_name: 'send-digest', deployment_name: 'weekdays' })
  const soon = new Date(Date.now() + 3_600_000).toISOString()
  for (let made = 0; made < 3; made++)
    await stage.client.deployments.createFlowRun({
      id,
      body: { tags: ['to-cancel'], state: { type: 'SCHEDULED', state_details: { scheduled_time: soon } } },
    })
  const page = await openPage(browser)
  await shown(page, '/runs?tag=to-cancel&state=SCHEDULED&window=next-1d')
  await expect.poll(() => page.getByRole('table').first().getByRole('row').count(), { timeout: 30_000 }).toBe(4)

  await page.getByRole('checkbox', { name: 'Mark all that are loaded' }).check()
  await page
    .getByRole('button', { name: /Cancel/ })
    .first()
    .click()
  await page.getByText(/3/).first().waitFor()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Cancel 3/ })
    .click()

  const cancelled = { flow_runs: { tags: { all_: ['to-cancel'] }, state: { type: { any_: ['CANCELLED'] } } } } as const
  await expect.poll(() => stage.client.flowRuns.count({ body: cancelled as never }), { timeout: 30_000 }).toBe(3)
  await page.context().close()
})

test('a schedule is edited: a wrong expression cannot be saved, a change of the clocks is shown, and the server has what was saved', async () => {
  const { id } = await stage.client.deployments.readByName({ flow_name: 'monthly-invoices', deployment_name: 'first-of-month' })
  const page = await openPage(browser)
  await shown(page, `/deployments/${id}?tab=schedules`)

  await page.getByRole('button', { name: /^Edit:/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Expression').fill('99 2 * * *')
  await expect.poll(() => dialog.getByRole('button', { name: 'Save' }).isDisabled(), { timeout: 30_000 }).toBe(true)
  // Clocks in Vienna go from 2 to 3 on that day of 2027.
  await dialog.getByLabel('Expression').fill('30 2 28 3 *')
  await dialog.getByRole('region', { name: 'What it will do' }).getByText('moved').first().waitFor()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await dialog.waitFor({ state: 'detached' })

  const [schedule] = await stage.client.deployments.schedules({ id })
  expect(schedule?.schedule).toMatchObject({ cron: '30 2 28 3 *', timezone: 'Europe/Vienna' })
  await page.context().close()
})

test('what was deleted by mistake comes back when one says so in time', async () => {
  const page = await openPage(browser)
  await page.clock.install()
  await shown(page, '/variables')

  await page.getByRole('button', { name: 'Delete batch_size' }).click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.clock.fastForward(60_000)

  expect(await stage.client.variables.count()).toBe(4)
  await page.context().close()
})

test('a backfill says which days it makes before it starts, and how far it is until all have ended', async () => {
  const { id } = await stage.client.deployments.readByName({ flow_name: 'trips-etl', deployment_name: 'nightly' })
  const page = await openPage(browser)
  await shown(page, `/deployments/${id}?tab=backfills&backfill=new`)

  const dialog = page.getByRole('dialog', { name: 'Backfill' })
  await dialog.getByLabel('First day').fill('2026-11-01')
  await dialog.getByLabel('Last day').fill('2026-11-03')
  await dialog.getByRole('list', { name: 'Days' }).waitFor()
  await dialog.getByRole('button', { name: 'Start 3 runs' }).click()
  await page.getByText('3 of 3 ended').waitFor()

  const made = await stage.client.flowRuns.filter({
    body: { deployments: { id: { any_: [id] } }, flow_runs: { state: { type: { any_: ['COMPLETED'] } } }, offset: 0, sort: 'ID_DESC' },
  })
  expect(made.filter(({ tags }) => tags.some((tag) => tag.startsWith('backfill'))).length).toBe(3)
  await page.context().close()
})
