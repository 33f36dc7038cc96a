// What people change by hand: deployments, backfills, limits, runs that nobody ends, views that are kept.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../crash/server-process.ts'
import { complaintsOf, launchChromium, openPage } from './chromium.ts'
import { Stage } from './story/story.ts'

const home = mkdtempSync(path.join(tmpdir(), 'tutti-browser-'))
const PATIENCE = { timeout: 30_000 }
let browser: Browser
let stage: Stage
let address: string

beforeAll(async () => {
  browser = await launchChromium()
  stage = new Stage(path.join(home, 'steering'), await freePort())
  await stage.server.start()
  await stage.serve()
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

async function deploymentId(flow: string, deployment: string): Promise<string> {
  return (await stage.client.deployments.readByName({ flow_name: flow, deployment_name: deployment })).id
}

const standing = (page: Page, state: string) => page.locator('main header').getByText(state, { exact: true })

test('versions of a deployment are compared field by field, and new runs are made from an older one again', async () => {
  const deploy = (batchSize: number) =>
    stage.client.deployments.deploy({
      body: {
        deployments: [
          { flow_name: 'score-customers', name: 'tuned', parameters: { customers: batchSize }, entrypoint: 'flows.ts:scoring' },
        ],
      },
    })
  await deploy(100)
  await deploy(250)
  const id = await deploymentId('score-customers', 'tuned')
  const page = await open(`/deployments/${id}?tab=versions`)

  const differs = page.getByRole('region', { name: 'What differs' })
  await differs.getByText('parameters.customers', { exact: true }).waitFor()
  await differs.getByText('100', { exact: true }).waitFor()
  await differs.getByText('250', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Go to it' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Go to version 1' }).click()
  await page.getByText('New runs of tuned are those of version 1.').waitFor()

  await page.getByRole('listitem').filter({ hasText: 'Version 1' }).getByText('current').waitFor()
  expect((await stage.client.deployments.read({ id })).parameters).toEqual({ customers: 100 })
  await page.context().close()
})

test('a deployment that was put aside is restored from the list of deployments', async () => {
  const flow = await stage.client.flows.create({ body: { name: 'forgotten' } })
  const { id } = await stage.client.deployments.create({ body: { flow_id: flow.id, name: 'by-mistake', entrypoint: 'flows.ts:forgotten' } })
  await stage.client.deployments.putAside({ id })
  const page = await open('/deployments')
  await page.getByRole('link', { name: 'always-on' }).waitFor()
  expect(await page.getByRole('link', { name: 'by-mistake' }).count()).toBe(0)

  await page.getByRole('button', { name: 'Deleted lately' }).click()
  await page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'by-mistake' }).getByRole('button', { name: 'Restore' }).click()
  await page.getByText('by-mistake is back.').waitFor()
  await page.keyboard.press('Escape')

  await page.getByRole('link', { name: 'by-mistake' }).waitFor()
  await page.context().close()
})

test('a deployment is paused and made active again, and what it plans follows', async () => {
  const id = await deploymentId('score-customers', 'hourly')
  const planned = { deployments: { id: { any_: [id] } }, flow_runs: { state: { type: { any_: ['SCHEDULED'] } } } } as const
  const page = await open(`/deployments/${id}`)
  await page.getByText(/next run in/).waitFor()

  await page.getByRole('switch', { name: 'hourly is active: pause it' }).click()
  await page.locator('main header').getByText('Paused', { exact: true }).waitFor()
  await page.getByText('next run –').waitFor()
  const whilePaused = await stage.client.flowRuns.count({ body: planned as never })
  await page.getByRole('switch', { name: /hourly is paused/ }).click()

  await page.locator('main header').getByText('Active', { exact: true }).waitFor()
  await page.getByText(/next run in/).waitFor()
  expect(whilePaused).toBe(0)
  await page.context().close()
})

test('a run that is planned for later starts now when one says so', async () => {
  const later = new Date(Date.now() + 3_600_000).toISOString()
  const { id } = await stage.client.deployments.createFlowRun({
    id: await deploymentId('score-customers', 'hourly'),
    body: { parameters: { customers: 3 }, state: { type: 'SCHEDULED', state_details: { scheduled_time: later } } },
  })
  const page = await open(`/runs/${id}`)
  await standing(page, 'Scheduled').waitFor()

  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: 'Start now' }).click()

  await standing(page, 'Completed').waitFor()
  await page.getByText('3 customers scored').first().waitFor()
  expect((await stage.client.flowRuns.read({ id })).state_type).toBe('COMPLETED')
  await page.context().close()
})

test('a run whose process does not end itself is ended by force', async () => {
  const { id: flowId } = await stage.client.flows.create({ body: { name: 'stubborn' } })
  const { id } = await stage.client.flowRuns.create({ body: { flow_id: flowId, state: { type: 'PENDING' } } })
  for (const type of ['RUNNING', 'CANCELLING'] as const)
    await stage.client.flowRuns.setState({ id, body: { state: { type }, force: true } })
  const page = await open(`/runs/${id}`)
  await standing(page, 'Cancelling').waitFor()

  await page.getByRole('button', { name: 'Force its end' }).click()
  await page.getByRole('dialog').getByText('whatever its process does').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Force its end' }).click()

  await standing(page, 'Cancelled').waitFor()
  expect((await stage.client.flowRuns.read({ id })).state_type).toBe('CANCELLED')
  await page.context().close()
})

test('who holds the slots of a limit is shown, and slots whose holder is gone are given back', async () => {
  const { id } = await stage.client.concurrency.create({ body: { name: 'licences', limit: 3, active: true } })
  await stage.client.concurrency.takeWithLease({ body: { names: ['licences'], slots: 2, mode: 'concurrency', lease_duration: 3_600 } })
  const page = await open(`/concurrency?held=${id}`)
  const dialog = page.getByRole('dialog', { name: 'Who holds licences' })
  await dialog.getByText('2 of 3').waitFor()

  await dialog.getByRole('button', { name: 'Release' }).click()
  await page.getByRole('dialog', { name: 'Give the slots back?' }).getByRole('button', { name: 'Give back' }).click()

  await dialog.getByText('Nobody holds a slot').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('row').filter({ hasText: 'licences' }).getByText('0 of 3').waitFor()
  expect((await stage.client.concurrency.read({ id_or_name: id })).active_slots).toBe(0)
  await page.context().close()
})

test('a backfill is paused, goes on, and is cancelled with the runs it made', async () => {
  const flow = await stage.client.flows.create({ body: { name: 'nobody-runs-it' } })
  const { id } = await stage.client.deployments.create({ body: { flow_id: flow.id, name: 'daily', entrypoint: 'flows.ts:daily' } })
  await stage.client.backfills.create({
    body: { deployment_id: id, start_time: '2026-11-01T00:00:00Z', end_time: '2026-11-06T00:00:00Z', step: 86_400, concurrency: 2 },
  })
  const page = await open(`/deployments/${id}?tab=backfills`)
  const card = page.getByRole('listitem').filter({ hasText: 'oldest first, 2 at once' })
  await card.getByText('2 scheduled').waitFor()
  await card.getByText('3 to be made').waitFor()

  await card.getByRole('button', { name: 'Pause' }).click()
  await card.getByText('Paused', { exact: true }).waitFor()
  await card.getByRole('button', { name: 'Go on' }).click()
  await card.getByRole('button', { name: 'Pause' }).waitFor()
  await card.getByRole('button', { name: 'Cancel' }).click()

  await card.getByText('Cancelled', { exact: true }).waitFor()
  await card.getByText('2 cancelled').waitFor()
  expect(await card.getByRole('button').count()).toBe(0)
  await page.context().close()
})

test('filters are kept under a name, come back with it, and survive a reload', async () => {
  const page = await open('/runs?state=FAILED&tag=prod')
  const isFiltered = ({ searchParams: chosen }: URL): boolean => chosen.get('state') === 'FAILED' && chosen.get('tag') === 'prod'

  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByLabel('Name for what is shown').fill('Failed at night')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved as Failed at night').waitFor()
  await page.goto(`${address}/runs`)
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('button', { name: 'Failed at night', exact: true }).click()
  await page.waitForURL(isFiltered)
  await page.reload()

  // The view that is shown gives its name to the button.
  await page.getByRole('button', { name: 'Failed at night', exact: true }).waitFor()
  expect(isFiltered(new URL(page.url()))).toBe(true)
  expect(complaintsOf(page)).toEqual([])
  await page.context().close()
})

test('dragging over the bars of Home shows that time only, and one gets out again', async () => {
  const page = await open('/')
  const bars = page.getByRole('slider', { name: 'Flow runs over time' })
  await bars.waitFor()
  const box = (await bars.boundingBox())!

  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2, { steps: 4 })
  await page.getByText('Let go to zoom in').waitFor()
  await page.mouse.up()
  await page.waitForURL((url) => url.searchParams.has('from') && url.searchParams.has('to'))
  const zoomed = new URL(page.url()).searchParams
  const hours = (Date.parse(zoomed.get('to')!) - Date.parse(zoomed.get('from')!)) / 3_600_000
  await page.getByRole('button', { name: 'Zoom out' }).click()

  await expect
    .poll(() => {
      const { searchParams } = new URL(page.url())
      return (Date.parse(searchParams.get('to')!) - Date.parse(searchParams.get('from')!)) / 3_600_000
    }, PATIENCE)
    .toBeGreaterThan(hours)
  expect(hours).toBeGreaterThan(4)
  expect(hours).toBeLessThan(9)
  await page.context().close()
})

test('bars of a run that runs grow, a part of its time is looked at by dragging, and the run is followed through a restart of the server', async () => {
  const { id } = await stage.client.deployments.createFlowRun({
    id: await deploymentId('live-orders', 'always-on'),
    body: { parameters: { batches: 6 } },
  })
  const page = await open(`/runs/${id}`)
  const timeline = page.getByRole('application', { name: /^Timeline/ })
  await page.getByText('batch 1 done').first().waitFor()
  await timeline.locator('canvas').first().waitFor()
  const drawn = (): Promise<string> => page.evaluate("document.querySelector('[role=application] canvas')?.toDataURL()")
  const before = await drawn()
  await expect.poll(drawn, PATIENCE).not.toBe(before)

  await stage.server.kill()
  await page.getByText('Server away').waitFor()
  await stage.server.start()
  await page.getByText('Live', { exact: true }).waitFor()
  await standing(page, 'Completed').waitFor()
  await page.getByText('batch 6 done').first().waitFor()

  const box = (await timeline.boundingBox())!
  // The strip with the times is below that of the whole run.
  const y = box.y + 46
  await page.mouse.move(box.x + box.width * 0.5, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.8, y, { steps: 4 })
  await page.mouse.up()
  await page.waitForURL((url) => url.searchParams.has('range'))
  const range = new URL(page.url()).searchParams.get('range')
  await page.reload()
  await timeline.waitFor()
  expect(new URL(page.url()).searchParams.get('range')).toBe(range)
  await page.getByRole('button', { name: 'Show all of it (0)' }).click()
  await page.waitForURL((url) => !url.searchParams.has('range'))
  await page.context().close()
})
