// Reference pictures: what pages look like is kept beside their tests, and a change of it is seen.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import pixelmatch from 'pixelmatch'
import type { Page } from 'playwright-core'
import { PNG } from 'pngjs'

const FOLDER = path.join(import.meta.dirname, 'pictures')
/** Where pictures go that differ. */
const DIFFERENT = path.join(import.meta.dirname, '..', '..', '..', '..', 'node_modules', '.cache', 'test', 'pictures')
/** Versions of a browser smooth edges differently. */
const COLOUR_TOLERANCE = 0.2
const SHARE_MAX = 0.02

/** The pictures taken become the references. */
export const isUpdating = process.env['TUTTI_UPDATE_PICTURES'] === '1'

/**
 * How the page differs from its reference picture; `undefined`: it does not. With `TUTTI_UPDATE_PICTURES=1` the picture becomes the reference.
 */
export async function differenceOf(page: Page, name: string): Promise<string | undefined> {
  const taken = await page.screenshot({ animations: 'disabled', caret: 'hide' })
  const file = path.join(FOLDER, `${name}.png`)
  if (isUpdating) {
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(file, taken)
    return undefined
  }
  if (!existsSync(file))
    return `there is no reference picture ${name}: look at the page, then TUTTI_UPDATE_PICTURES=1 npm test -- --suite browser`
  const now = PNG.sync.read(taken)
  const reference = PNG.sync.read(readFileSync(file))
  if (now.width !== reference.width || now.height !== reference.height)
    return `${name} is ${now.width} x ${now.height}, its reference ${reference.width} x ${reference.height}`
  const difference = new PNG({ width: now.width, height: now.height })
  const pixels = pixelmatch(now.data, reference.data, difference.data, now.width, now.height, { threshold: COLOUR_TOLERANCE })
  const share = pixels / (now.width * now.height)
  if (share <= SHARE_MAX) return undefined
  mkdirSync(DIFFERENT, { recursive: true })
  writeFileSync(path.join(DIFFERENT, `${name}.png`), taken)
  writeFileSync(path.join(DIFFERENT, `${name}-difference.png`), PNG.sync.write(difference))
  return `${name}: ${(share * 100).toFixed(1)} % of the pixels differ; see ${DIFFERENT}`
}
