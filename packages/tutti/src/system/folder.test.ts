import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makePrivateFolder } from './folder.ts'

function temporary(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'tutti-folder-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('a folder and those above it are made for their owner only; making it again is harmless', async () => {
  const folder = path.join(temporary(), 'a', 'b ü')

  await makePrivateFolder(folder)
  await makePrivateFolder(folder)

  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('a file in the place of the folder is an error', async () => {
  const file = path.join(temporary(), 'file')
  writeFileSync(file, '')

  await expect(makePrivateFolder(file)).rejects.toMatchObject({ code: 'EEXIST' })
})

test.runIf(process.platform === 'linux')('where no folder can be made, an error says so instead of a wait without end', async () => {
  await expect(makePrivateFolder('/proc/tutti')).rejects.toMatchObject({ code: 'ENOENT' })
})
