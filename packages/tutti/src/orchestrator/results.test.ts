import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { folderFiles } from './results.ts'

const EVER = Number.MAX_SAFE_INTEGER
const NONE: ReadonlySet<string> = new Set()

function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-results-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('only their owner may read the files and the folders they lie in', async () => {
  const folder = aFolder()
  const files = folderFiles(join(folder, 'results'))

  await files.write('run', 'key', bytes('a'))

  expect(statSync(join(folder, 'results/run/key')).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'results/run')).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'results')).mode & 0o777).toBe(0o700)
})

test('a part that a killed writer left behind is in nobody’s way', async () => {
  const folder = aFolder()
  const files = folderFiles(folder)
  await files.write('run', 'other', bytes('b'))
  writeFileSync(join(folder, 'run/key.0.part'), 'half of')

  await files.write('run', 'key', bytes('a whole'))

  expect(Buffer.from(await files.read('run', 'key')).toString()).toBe('a whole')
})

test('a shared result outlives the run that wrote it and takes no second place on the disk', async () => {
  const folder = aFolder()
  const files = folderFiles(folder)
  await files.write('run', 'key', bytes('a'))

  const shared = files.share('run', 'cache', 'key')
  const again = files.share('run', 'cache', 'key')
  const places = statSync(join(folder, 'cache/key')).nlink
  await files.deleteRun('run')

  expect([shared, again, places]).toEqual([true, true, 2])
  expect(readFileSync(join(folder, 'cache/key'), 'utf8')).toBe('a')
  expect(files.share('run', 'cache', 'gone')).toBe(false)
})

test('what is old goes, but not what is to be kept or was written since; an empty folder goes too', async () => {
  const folder = aFolder()
  const files = folderFiles(folder)
  await files.write('run', 'one', bytes('1'))
  await files.write('run', 'two', bytes('2'))

  await files.deleteOld('run', 0, NONE)
  const young = readdirSync(join(folder, 'run')).toSorted()
  await files.deleteOld('run', EVER, new Set(['two']))
  const kept = readdirSync(join(folder, 'run'))
  await files.deleteOld('run', EVER, NONE)

  expect({ young, kept, owners: await files.owners() }).toEqual({ young: ['one', 'two'], kept: ['two'], owners: [] })
})

test('several processes may delete what is old at once', async () => {
  const folder = aFolder()
  const files = folderFiles(folder)
  for (let key = 0; key < 50; key++) await files.write('run', `key-${key}`, bytes('a'))

  await Promise.all(Array.from({ length: 4 }, () => folderFiles(folder).deleteOld('run', EVER, NONE)))

  expect(await files.owners()).toEqual([])
})

test('a copy has every result and no part of one', async () => {
  const folder = aFolder()
  const files = folderFiles(join(folder, 'results'))
  await files.write('run-1', 'key', bytes('1'))
  await files.write('run-2', 'key', bytes('2'))
  writeFileSync(join(folder, 'results/run-2/other.0.part'), 'half of')

  await files.copyAll(join(folder, 'copy'))

  expect(new Set(readdirSync(join(folder, 'copy'), { recursive: true, encoding: 'utf8' }))).toEqual(
    new Set(['run-1', 'run-1/key', 'run-2', 'run-2/key']),
  )
  expect(readFileSync(join(folder, 'copy/run-2/key'), 'utf8')).toBe('2')
})

test('without any result there is nothing to copy, to delete or to list', async () => {
  const folder = join(aFolder(), 'results')
  const files = folderFiles(folder)

  await files.copyAll(join(folder, 'copy'))
  await files.deleteRun('run')
  await files.deleteOld('run', EVER, NONE)

  expect(await files.owners()).toEqual([])
})

test('names that could lead out of the folder are refused in every operation that takes them from outside', async () => {
  const files = folderFiles(aFolder())

  await expect(files.write('..', 'key', bytes('a'))).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await expect(files.read('run', '../../key')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await expect(files.deleteRun('..')).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await expect(files.deleteOld('..', EVER, NONE)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  expect(() => files.share('..', 'cache', 'key')).toThrow('cannot be the name of a stored result')
})
