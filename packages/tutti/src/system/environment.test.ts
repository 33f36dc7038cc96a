import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readTextFile } from './environment.ts'

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-environment-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('a file is read as text, one that is not there as nothing', () => {
  const folder = aFolder()
  writeFileSync(join(folder, 'config.json'), '{ "log": "json" }')

  expect(readTextFile(join(folder, 'config.json'))).toBe('{ "log": "json" }')
  expect(readTextFile(join(folder, 'gone.json'))).toBeUndefined()
})

test('a file that is there and cannot be read is no missing file', () => {
  expect(() => readTextFile(aFolder())).toThrow('EISDIR')
})
