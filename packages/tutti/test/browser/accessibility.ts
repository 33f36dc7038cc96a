import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  readonly violations: readonly {
    readonly id: string
    readonly help: string
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
  }[]
}

/** `all`: the rules of WCAG 2.2 AA. `colours`: those that change with the appearance. `shape`: those that change with the width. */
export type Rules = 'all' | 'colours' | 'shape'

const AA = "runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }"
const COLOURS = 'color-contrast'

const RULES: Readonly<Record<Rules, string>> = {
  all: AA,
  colours: `runOnly: { type: 'rule', values: ['${COLOURS}'] }`,
  shape: `${AA}, rules: { '${COLOURS}': { enabled: false } }`,
}

/** What keeps people from using the page, one line each; none is what we want. Targets may be small where the page says what does the same (2.5.8, Equivalent). */
export async function barriers(page: Page, rules: Rules = 'all'): Promise<readonly string[]> {
  await page.evaluate(source)
  // The function runs in the page, where axe is by now.
  const { violations } = (await page.evaluate(`axe.run(document, { ${RULES[rules]}, resultTypes: ['violations'] })`)) as AxeResult
  return violations.flatMap(({ id, help, nodes }) =>
    nodes
      .filter(({ html }) => id !== 'target-size' || !html.includes('data-equivalent='))
      .map(
        ({ html, failureSummary }) => `${id} (${help}): ${html.slice(0, 200)}\n    ${failureSummary.replaceAll('\n', ' ').slice(0, 300)}`,
      ),
  )
}
