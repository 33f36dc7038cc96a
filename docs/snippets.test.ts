import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

async function read(pattern: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for await (const file of glob(pattern, { cwd: root })) texts.set(file, await readFile(join(root, file), 'utf8'))
  return texts
}

const snippets = [...(await read('docs/**/*.md'))].flatMap(([page, text]) =>
  [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({ page, snippet: match[1] ?? '' })),
)
const examples = [...(await read('examples/**/*.ts')).values()]

test('there are snippets', () => {
  expect(snippets.length).toBeGreaterThan(0)
})

test.each(snippets)('a snippet of $page stands in an example: $snippet', ({ snippet }) => {
  expect(examples.some((example) => example.includes(snippet))).toBe(true)
})
