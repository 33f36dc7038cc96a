import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTar, writeTar } from './tar.ts'
import type { TarEntry } from './tar.ts'

const bytes = new TextEncoder().encode('content')

test('files of any name, size and kind come back as they were', () => {
  const names = fc
    .array(fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '€', '😀', ' ', '=', '-'), minLength: 1, maxLength: 40 }), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join('/'))
    .filter((name) => !name.startsWith(' '))
  const file = fc.record({ bytes: fc.uint8Array({ maxLength: 2_000 }), isProgram: fc.boolean() })
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(names, file), { selector: ([name]) => name, maxLength: 8 }), (files) => {
      const entries: TarEntry[] = files.map(([path, each]) => ({ type: 'file', path, ...each }))

      const read = readTar(writeTar(entries))

      expect(read.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    }),
  )
})

test('the order in which files are given makes no difference', () => {
  const a: TarEntry = { type: 'file', path: 'a', bytes, isProgram: false }
  const b: TarEntry = { type: 'link', path: 'b', target: 'a' }

  expect(writeTar([b, a])).toEqual(writeTar([a, b]))
  expect(readTar(writeTar([b, a]))).toEqual([a, b])
})

test.each(['../a', '/a', 'a/../../b', 'a//b', './a', 'C:/a', String.raw`a\b`])('a file %s that would lie elsewhere is refused', (path) => {
  expect(() => readTar(writeTar([{ type: 'file', path, bytes, isProgram: false }]))).toThrow(/outside/)
})

test.each([
  ['a/link', '../../b'],
  ['link', '/etc/passwd'],
  ['link', '..'],
  ['a/b/link', '../../../x'],
])('a link %s to %s leads out and is refused', (path, target) => {
  expect(() => readTar(writeTar([{ type: 'link', path, target }]))).toThrow(/leads out/)
})

test('a link within the archive is kept', () => {
  const link: TarEntry = { type: 'link', path: 'a/b/link', target: '../../c' }

  expect(readTar(writeTar([link]))).toEqual([link])
})

test('an archive is not changed by whoever reads it', () => {
  const archive = Buffer.from(writeTar([{ type: 'file', path: 'a', bytes, isProgram: true }]))

  expect(readTar(archive)).toEqual(readTar(archive))
})

test('bytes that are no archive, or half of one, are refused', () => {
  const archive = writeTar([{ type: 'file', path: 'a', bytes: new Uint8Array(5_000), isProgram: false }])

  expect(() => readTar(archive.slice(0, 2_000))).toThrow(/cut off/)
  expect(() => readTar(archive.slice(0, 5_632))).toThrow(/no end/)
  expect(() => readTar(new Uint8Array(1_024).fill(7))).toThrow(/no archive/)
})
