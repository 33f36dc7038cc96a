// A run in the dashboard: watched, understood, steered.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../crash/server-process.ts'
import { complaintsOf, launchChromium, openPage } from './chromium.ts'
import { Stage } from './story/story.ts'
import type { Story } from './story/story.ts'

const home = mkdtempSync(path.join(tmpdir(), 'tutti-browser-'))
let browser: Browser
let stage: Stage
let story: Story
let address: string

beforeAll(async () => {
  browser = await launchChromium()
  stage = new Stage(path.join(home, 'runs'), await freePort())
  story = await stage.tell({ pastRuns: 0, largeRun: 600 })
  address = stage.server.url.replace(/\/api$/, '')
})

afterAll(async () => {
  await browser.close()
  await stage.close()
  rmSync(home, { recursive: true, force: true })
})

async function open(to: string): Promise<Page> {
  const page = await openPage(browser)
  await page.goto(`${address}${to}`)
  await page.locator('h1').first().waitFor()
  return page
}

async function triggered(flow: string, deployment: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { id } = await stage.client.deployments.readByName({ flow_name: flow, deployment_name: deployment })
  return (await stage.client.deployments.createFlowRun({ id, body: { parameters } })).id
}

/** The state beside the name of the run. */
const standing = (page: Page, state: string) => page.locator('main header').getByText(state, { exact: true })

test('a run is watched to its end, with no reload', async () => {
  const id = await triggered('live-orders', 'always-on', { batches: 8 })
  const page = await open(`/runs/${id}`)

  await standing(page, 'Running').waitFor()
  await page.getByText('batch 1 done').first().waitFor()
  await standing(page, 'Completed').waitFor()

  await page.getByText('batch 8 done').first().waitFor()
  expect(complaintsOf(page)).toEqual([])
  await page.context().close()
})

test('a run that runs is cancelled, and the page says so', async () => {
  const id = await triggered('live-orders', 'always-on', { batches: 500 })
  const page = await open(`/runs/${id}`)
  await standing(page, 'Running').waitFor()

  await page.getByRole('button', { name: 'Cancel', exact: true }).click()
  await page.getByRole('button', { name: 'Cancel the run' }).click()

  await standing(page, 'Cancelled').waitFor()
  expect((await stage.client.flowRuns.read({ id })).state_type).toBe('CANCELLED')
  await page.context().close()
})

test('a failed run says first what went wrong, and is retried from what failed', async () => {
  const page = await open(`/runs/${story.failed}`)
  await page.getByText('refused the charge of customer-7').first().waitFor()

  await page.keyboard.press('r')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('region', { name: 'Reused' }).getByText('charge-card').first().waitFor()
  await dialog.getByRole('button', { name: 'Retry', exact: true }).click()

  await expect.poll(async () => (await stage.client.flowRuns.read({ id: story.failed })).run_count, { timeout: 30_000 }).toBe(2)
  await standing(page, 'Failed').waitFor()
  await page.context().close()
})

test('a run is run again from a task, with a result that was edited', async () => {
  const [load] = await stage.client.taskRuns.filter({
    body: { flow_runs: { id: { any_: [story.completed] } }, task_runs: { name: { like_: 'load' } }, offset: 0, sort: 'NAME_ASC' },
  })
  const page = await open(`/runs/${story.completed}?task=${load!.id}`)
  await page.getByText(load!.name).first().waitFor()

  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: `Run again from ${load!.name}` }).click()
  await page.getByText('Take another result for it').click()
  await page.getByLabel(/^Result of/).fill('{"table": "warehouse.edited", "rows": 7}')
  await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click()

  await page.waitForURL((url) => url.pathname.startsWith('/runs/') && !url.pathname.includes(story.completed))
  await standing(page, 'Completed').waitFor()
  const again = new URL(page.url()).pathname.split('/').at(-1)!
  const states = await stage.client.flowRuns.read({ id: again })
  expect(states.name).not.toBe('')
  await page.context().close()
})

test('a run that waits for an answer asks for it by a form, refuses a bad one at its field, and goes on with a good one', async () => {
  const page = await open(`/runs/${story.paused}`)
  await page.getByText('It waits for your answer').waitFor()

  await page.getByLabel('percent').fill('250')
  await page.getByRole('button', { name: 'Send and resume' }).click()
  await page
    .getByText(/at most 100|100 or less|<= 100/i)
    .first()
    .waitFor()
  expect((await stage.client.flowRuns.read({ id: story.paused })).state_type).toBe('PAUSED')
  await page.getByLabel('percent').fill('40')
  const approved = page.getByRole('switch', { name: /approved/i })
  if ((await approved.getAttribute('aria-checked')) !== 'true') await approved.click()
  await page.getByRole('button', { name: 'Send and resume' }).click()

  await standing(page, 'Completed').waitFor()
  await page.getByText('to 40 % of the machines').first().waitFor()
  await page.context().close()
})

test('a line is found in the whole log, and the address leads there again', async () => {
  const page = await open(`/runs/${story.completed}?tab=logs`)

  await page.getByRole('searchbox', { name: 'Find in the whole log' }).fill('at a rate of')
  await page
    .getByRole('search')
    .getByText(/^1( of 1)?$/)
    .first()
    .waitFor()
  await page.waitForURL((url) => url.search.includes('rate'))
  await page.reload()

  await page
    .getByText(/loaded \d+ rows at a rate of/)
    .first()
    .waitFor()
  expect(await page.getByRole('searchbox', { name: 'Find in the whole log' }).inputValue()).toBe('at a rate of')
  await page.context().close()
})

test('view, task and tab stand in the address, and a reload keeps them', async () => {
  const page = await open(`/runs/${story.completed}`)

  await page
    .getByRole('radio', { name: 'List' })
    .or(page.getByRole('tab', { name: 'List' }))
    .first()
    .click()
  await page.waitForURL((url) => url.searchParams.get('view') === 'list')
  await page.getByRole('row').filter({ hasText: 'exchange-rates' }).first().click()
  await page.waitForURL((url) => url.searchParams.has('task'))
  await page.getByRole('tab', { name: /History/ }).click()
  await page.waitForURL((url) => url.searchParams.get('tab') === 'history')
  const before = page.url()
  await page.reload()

  await page.getByRole('tab', { name: /History/, selected: true }).waitFor()
  expect(page.url()).toBe(before)
  await page.context().close()
})

test('a run that cannot start says why and what to do', async () => {
  const runs = await stage.client.flowRuns.filter({
    body: { work_pools: { name: { any_: ['kubernetes-prod'] } }, offset: 0, sort: 'ID_DESC' },
  })
  const page = await open(`/runs/${runs[0]!.id}`)

  await page
    .getByText(/paused/i)
    .first()
    .waitFor()
  await page
    .getByText(/tutti work-pool resume/)
    .first()
    .waitFor()
  expect(complaintsOf(page)).toEqual([])
  await page.context().close()
})

test('the log, the result and an artifact of a run are downloaded whole', async () => {
  const { name } = await stage.client.flowRuns.read({ id: story.completed })
  const artifacts = await stage.client.artifacts.listLatest({
    body: { artifacts: { key: { any_: ['trips-by-borough'] } }, limit: 1, offset: 0 },
  })
  const page = await open(`/runs/${story.completed}`)
  const downloaded = async (press: () => Promise<void>): Promise<readonly [file: string, text: string]> => {
    const [download] = await Promise.all([page.waitForEvent('download'), press()])
    return [download.suggestedFilename(), readFileSync(await download.path(), 'utf8')]
  }
  const fromMenu = (item: string) =>
    downloaded(async () => {
      await page.getByRole('button', { name: 'More actions' }).click()
      await page.getByRole('menuitem', { name: item }).click()
    })

  const [logFile, log] = await fromMenu('Download log')
  const [resultFile, result] = await fromMenu('Download result')
  await page.goto(`${address}/artifacts/${artifacts[0]!.latest_id}`)
  const [artifactFile, artifact] = await downloaded(() => page.getByRole('button', { name: 'Download as CSV' }).click())

  expect([logFile, resultFile, artifactFile]).toEqual([`${name}.log`, `${name}.json`, 'trips-by-borough.csv'])
  expect(log).toContain('looking for partitions of 2026-11-27')
  expect(JSON.parse(result)).toMatchObject({ table: 'warehouse.trips' })
  expect(artifact.split('\r\n')[1]).toBe('Manhattan,148201,2911402.5')
  await page.context().close()
})
