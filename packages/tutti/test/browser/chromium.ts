// A real browser: Debian's Chromium.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

export interface Look {
  readonly scheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/** Every wait of a page ends. */
const PATIENCE_MS = 30_000

export function launchChromium(): Promise<Browser> {
  // A container's user is root, and root has no sandbox.
  return chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--font-render-hinting=none', '--disable-lcd-text'] })
}

function chromiumPath(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  const found = folders.map((folder) => path.join(folder, 'chromium')).find((file) => existsSync(file))
  if (found === undefined) throw new Error('Chromium is not installed: npm run setup:test')
  return found
}

/** A page of its own, with no memory of others. What the browser complains of is kept in `complaints`. */
export async function openPage(browser: Browser, { scheme = 'light', width = 1440, height = 900 }: Look = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    timezoneId: 'Europe/Vienna',
    locale: 'en-GB',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error.message)))
  page.on('console', (message) => {
    // What the server refused is told by the page itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text())
  })
  pagesComplaints.set(page, complaints)
  return page
}

const pagesComplaints = new WeakMap<Page, string[]>()

/** Errors that user code would see in the console: there should be none. */
export function complaintsOf(page: Page): readonly string[] {
  return pagesComplaints.get(page) ?? []
}
