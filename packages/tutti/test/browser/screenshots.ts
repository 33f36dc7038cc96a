// `npm run screenshots [-- FOLDER]`: every page of the dashboard, light and dark, wide and narrow, with the story in it and empty.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { freePort } from '../crash/server-process.ts'
import { ensureDashboard } from '../../../../scripts/dashboard.ts'
import { launchChromium, openPage } from './chromium.ts'
import type { Look } from './chromium.ts'
import { pagesOf } from './pages.ts'
import { Stage } from './story/story.ts'

const folder = path.resolve(process.argv[2] ?? 'node_modules/.cache/screenshots')
const LOOKS: Readonly<Record<string, Look>> = {
  light: {},
  dark: { scheme: 'dark' },
  narrow: { width: 360, height: 780 },
}

await ensureDashboard()
mkdirSync(folder, { recursive: true })
const home = mkdtempSync(path.join(tmpdir(), 'tutti-screenshots-'))
const browser = await launchChromium()
const empty = new Stage(path.join(home, 'empty'), await freePort())
const full = new Stage(path.join(home, 'story'), await freePort())
try {
  await empty.server.start()
  await takeAll(browser, empty, 'empty', { light: LOOKS['light']! })
  await full.tell({ pastRuns: 3_000, largeRun: 10_000 }).then((story) => takeAll(browser, full, 'story', LOOKS, story))
} finally {
  await browser.close()
  await empty.close()
  await full.close()
  rmSync(home, { recursive: true, force: true })
}
console.log(`The pictures are in ${folder}`)

async function takeAll(
  by: Browser,
  { server, client }: Stage,
  name: string,
  looks: Readonly<Record<string, Look>>,
  story?: Awaited<ReturnType<Stage['tell']>>,
): Promise<void> {
  const address = server.url.replace(/\/api$/, '')
  for (const { name: of, to } of await pagesOf(client, story))
    for (const [look, options] of Object.entries(looks)) {
      const page = await openPage(by, options)
      await page.goto(`${address}${to}`)
      await page.locator('h1').first().waitFor()
      await page.waitForLoadState('load')
      // What is fetched after the page has come.
      await page.waitForTimeout(1_500)
      const file = path.join(folder, `${name}-${of}-${look}.png`)
      await page.screenshot({ path: file })
      await page.context().close()
      console.log(file)
    }
}
