import { expect, test } from 'vitest'
import { cachePolicy } from '../core/cache.ts'
import type { CacheOptions } from '../core/cache.ts'
import { cacheKeyOf } from './cache-key.ts'

const fetchPage = { name: 'fetch-page', taskKey: 'fetch-page', fn: (url: unknown) => url }

function keyOf(by: CacheOptions['by'], args: readonly unknown[], fn = fetchPage.fn): { key: string | null; warnings: readonly string[] } {
  const warnings: string[] = []
  const active = {
    run: { id: 'run-1' },
    parameters: {},
    log: { at: (_level: number, _logger: string, message: string) => void warnings.push(message) },
  }
  return { key: cacheKeyOf(cachePolicy({ by }, fetchPage.name), { ...fetchPage, fn }, args, active), warnings }
}

test('equal inputs have one key, in a form that fits any database', () => {
  expect(keyOf('inputs', ['a', { b: 1, c: 2 }])).toEqual(keyOf('inputs', ['a', { c: 2, b: 1 }]))
  expect(keyOf('inputs', ['a']).key).toMatch(/^[\w-]{22}$/)
})

test('a changed function has another key by task-source, and the same by inputs', () => {
  const changed = (url: unknown): unknown => [url]

  expect(keyOf('task-source', ['a'], changed).key).not.toBe(keyOf('task-source', ['a']).key)
  expect(keyOf('inputs', ['a'], changed).key).toBe(keyOf('inputs', ['a']).key)
})

test('a key of the user is taken as it is', () => {
  expect(keyOf(({ args }) => `page ${String(args[0])}`, ['a']).key).toBe('page a')
})

test('a call whose inputs cannot be compared has no key, and the log says why', () => {
  expect(keyOf('inputs', [() => 1])).toEqual({
    key: null,
    warnings: ['task fetch-page: a call is not cached, as arguments[0] is a function'],
  })
})

test('a call that the user leaves out has no key, and nothing is said', () => {
  expect(keyOf(() => undefined, ['a'])).toEqual({ key: null, warnings: [] })
})
