import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fontPackages } from '../font-licenses.ts'

test('the fonts that are shipped are found by what the styles import', () => {
  const styles = readFileSync(fileURLToPath(new URL('theme.css', import.meta.url)), 'utf8')

  expect(fontPackages(styles)).toEqual(['@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono'])
})

test('a font that is imported in two weights is named once, and other imports are no fonts', () => {
  expect(fontPackages(`@import 'tailwindcss';\n@import "@fontsource/a/400.css";\n@import '@fontsource/a/700.css';`)).toEqual([
    '@fontsource/a',
  ])
})
