// Blocks in the browser: made, changed and deleted by forms, and no secret on the way back.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../crash/server-process.ts'
import { complaintsOf, launchChromium, openPage } from './chromium.ts'
import { saveBlocks, STORY_SECRETS } from './story/blocks.ts'
import { Stage } from './story/story.ts'

const home = mkdtempSync(path.join(tmpdir(), 'tutti-browser-'))
const TYPED = 'correct-horse-battery'
let browser: Browser
let stage: Stage
let address: string

beforeAll(async () => {
  browser = await launchChromium()
  stage = new Stage(path.join(home, 'blocks'), await freePort())
  await stage.server.start()
  await saveBlocks(stage.client)
  address = stage.server.url.replace(/\/api$/, '')
})

afterAll(async () => {
  await browser.close()
  await stage.close()
  rmSync(home, { recursive: true, force: true })
})

interface Watched {
  readonly page: Page
  /** Everything the page was answered, and everything that stands in it. */
  seen(): Promise<string>
}

async function open(to: string): Promise<Watched> {
  const page = await openPage(browser)
  const answers: Promise<string>[] = []
  page.on('response', (response) => {
    // The stream of changes has no end to wait for.
    if (response.url().includes('/api/') && !response.url().includes('/live/')) answers.push(response.text().catch(() => ''))
  })
  await page.goto(`${address}${to}`)
  await page.locator('h1').first().waitFor()
  return {
    page,
    seen: async () => [...(await Promise.all(answers)), await page.content(), await page.locator('body').innerText()].join('\n'),
  }
}

function saved(slug: string, name: string) {
  return stage.client.blockTypes.document({ slug, name, include_secrets: 'true' })
}

test('a block is made by the form of its type, which says what does not fit, and its secret is never shown again', async () => {
  const { page, seen } = await open('/blocks?tab=types')
  await page.getByRole('link', { name: 'Create a block of the type Warehouse' }).click()
  const name = page.getByLabel('Name of the block')
  await name.fill('Reports DB')
  await page.getByText('Lowercase letters, numbers and dashes only.').waitFor()
  await page.getByRole('textbox', { name: 'port' }).fill('99999')
  await page.getByRole('button', { name: 'Create the block' }).click()
  await page.getByText('At most 65535 is expected.').waitFor()
  await page.getByText('4 values do not fit.').waitFor()

  await name.fill('reports')
  await page.getByRole('textbox', { name: 'host' }).fill('db.example.com')
  await page.getByRole('textbox', { name: 'port' }).fill('6543')
  await page.getByRole('textbox', { name: 'password' }).fill(TYPED)
  expect(await page.content()).not.toContain(TYPED)
  await page.getByRole('combobox', { name: 'login' }).click()
  await page.getByRole('option', { name: 'writer' }).click()
  await page.getByRole('button', { name: 'Create the block' }).click()

  await page.getByRole('heading', { level: 1, name: 'reports' }).waitFor()
  await page.getByText('a secret, never shown').waitFor()
  await page.getByRole('link', { name: 'writer (Login)' }).waitFor()
  await page.getByText("await Warehouse.load('reports')").waitFor()
  const text = await seen()
  for (const secret of [TYPED, ...STORY_SECRETS]) expect(text).not.toContain(secret)
  const { data, block_document_references: references } = await saved('warehouse', 'reports')
  expect(data).toMatchObject({ host: 'db.example.com', port: 6543, password: TYPED })
  expect(references).toHaveProperty('login.block_document.name', 'writer')
  expect(complaintsOf(page)).toEqual([])
  await page.context().close()
})

test('a secret that nobody touches stays as it is when other fields are changed, and another one takes its place', async () => {
  const { id } = await saved('warehouse', 'main')
  const { page, seen } = await open(`/blocks/${id}/edit`)
  await page.getByPlaceholder('******** stays as it is').waitFor()
  await page.getByRole('textbox', { name: 'host' }).fill('moved.example.com')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { level: 1, name: 'main', exact: true }).waitFor()
  await page.getByText('moved.example.com').waitFor()
  const kept = await saved('warehouse', 'main')

  await page.getByRole('link', { name: 'Edit' }).click()
  await page.getByRole('textbox', { name: 'password' }).fill(TYPED)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('a secret, never shown').waitFor()

  expect(kept.data).toMatchObject({ host: 'moved.example.com', password: STORY_SECRETS[1], login: { password: STORY_SECRETS[0] } })
  expect((await saved('warehouse', 'main')).data).toMatchObject({ host: 'moved.example.com', password: TYPED })
  const text = await seen()
  for (const secret of [TYPED, ...STORY_SECRETS]) expect(text).not.toContain(secret)
  await page.context().close()
})

test('a name that is taken is told at the name, and what was typed stays', async () => {
  const { page } = await open('/blocks/new/secret')
  await page.getByLabel('Name of the block').fill('api-token')
  await page.getByRole('textbox', { name: 'value' }).fill(TYPED)
  await page.getByRole('button', { name: 'Create the block' }).click()

  await page.getByText('There is a block of this type and name already.').waitFor()
  expect(await page.getByRole('textbox', { name: 'value' }).inputValue()).toBe(TYPED)
  expect((await saved('secret', 'api-token')).data).toEqual({ value: STORY_SECRETS[2] })
  await page.context().close()
})

test('whoever deletes a block is told what refers to it first', async () => {
  const { page } = await open('/blocks?type=login')
  await page.getByRole('link', { name: 'writer' }).click()
  await page.getByRole('region', { name: 'Used by' }).getByRole('link', { name: 'main' }).waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete writer?' })
  await dialog.getByRole('alert').getByRole('link', { name: 'main' }).waitFor()
  await dialog.getByRole('button', { name: 'Delete the block' }).click()

  await page.getByText('The block writer is deleted.').waitFor()
  await page.getByRole('link', { name: 'api-token' }).waitFor()
  expect(await page.getByRole('link', { name: 'writer' }).count()).toBe(0)
  expect(await stage.client.blockDocuments.count({ body: { block_types: { slug: { any_: ['login'] } } } })).toBe(0)
  await page.context().close()
})
