import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chosenFolder, newDemoFolder } from './demo-folder.ts'
import { testFolder } from './fixtures.ts'

/** No process has it. */
const gone = 2 ** 22 + 1

test('a new demo keeps the newest two of its elders and whatever is not a demo', async () => {
  const parent = await testFolder()
  const elders = ['20260101-000000', '20260102-000000', '20260103-000000'].map((stamp) => `${stamp}-${gone}`)
  for (const name of [...elders, 'notes', `20250101-000000-${process.pid}`]) await mkdir(join(parent, name))

  await newDemoFolder(parent, new Date('2026-02-03T04:05:06Z'), 42)

  const left = new Set(await readdir(parent))
  expect(left).toEqual(new Set([`20250101-000000-${process.pid}`, elders[1], elders[2], '20260203-040506-42', 'notes']))
})

test('a chosen folder that holds something is refused', async () => {
  const folder = await testFolder()
  await writeFile(join(folder, 'mine'), '')

  await expect(chosenFolder(folder)).rejects.toThrow('is not empty')
})
