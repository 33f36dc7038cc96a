import { describe, expect, test } from 'vitest'
import { CACHE_KEY_MAX_LENGTH, cacheExpiry, cacheKey, cachePolicy } from './cache.ts'
import type { CacheFacts, CacheOptions } from './cache.ts'

const facts: CacheFacts = {
  taskName: 'fetch',
  taskKey: 'fetch',
  taskSource: '(url) => get(url)',
  args: ['https://example.org/a', { page: 1 }],
  flowParameters: { day: '2026-01-01' },
  flowRunId: 'run-1',
}

function keyOf(by: CacheOptions['by'], changed: Partial<CacheFacts> = {}): string {
  return JSON.stringify(cacheKey(cachePolicy({ by }, 'fetch'), { ...facts, ...changed }))
}

describe.each([
  ['inputs', { args: ['https://example.org/b', { page: 1 }] }],
  ['task-source', { taskSource: '(url) => getFast(url)' }],
  ['flow-parameters', { flowParameters: { day: '2026-01-02' } }],
  ['run', { flowRunId: 'run-2' }],
] as const)('the key by %s', (part, change) => {
  test('changes with it', () => {
    expect(keyOf(part, change)).not.toBe(keyOf(part))
  })

  test('is the same whatever else changes', () => {
    const others = {
      args: [1],
      taskSource: 'x',
      flowParameters: 1,
      flowRunId: 'y',
      ...Object.fromEntries(Object.keys(change).map((key) => [key, facts[key as keyof CacheFacts]])),
    }

    expect(keyOf(part, others)).toBe(keyOf(part))
  })

  test('belongs to its task', () => {
    expect(keyOf(part, { taskKey: 'load' })).not.toBe(keyOf(part))
  })
})

test('parts together change with each of them', () => {
  const by = ['inputs', 'run'] as const

  expect(new Set([keyOf(by), keyOf(by, { args: [] }), keyOf(by, { flowRunId: 'run-2' }), keyOf('inputs'), keyOf('run')]).size).toBe(5)
})

test('a function alone makes the whole key, and other tasks may share it', () => {
  const by: CacheOptions['by'] = ({ args, taskName, flowRunId }) => `${taskName} ${String(args[0])} ${flowRunId}`

  expect(cacheKey(cachePolicy({ by }, 'fetch'), facts)).toEqual({ type: 'key', key: 'fetch https://example.org/a run-1' })
})

test('a function beside parts is one more part', () => {
  expect(keyOf(['inputs', () => 'a'])).not.toBe(keyOf(['inputs', () => 'b']))
  expect(keyOf(['inputs', () => 'a'])).not.toBe(keyOf('inputs'))
})

test.each([[() => undefined], [['inputs', () => undefined] as const]])(
  'a function that answers nothing leaves the call out of the cache',
  (by) => {
    expect(cacheKey(cachePolicy({ by }, 'fetch'), facts)).toEqual({ type: 'none', reason: null })
  },
)

test('arguments that cannot be compared leave the call out of the cache, with the place named', () => {
  const args = ['a', { onPage: () => 1 }]

  expect(cacheKey(cachePolicy({ by: ['run', 'inputs'] }, 'fetch'), { ...facts, args })).toEqual({
    type: 'none',
    reason: 'arguments[1].onPage is a function',
  })
})

test('a key that is too long or no text is an error that names the task', () => {
  expect(() => keyOf(() => 'x'.repeat(CACHE_KEY_MAX_LENGTH + 1))).toThrow(
    expect.objectContaining({ code: 'CACHE_KEY_TOO_LONG', message: expect.stringContaining('task fetch') }),
  )
  expect(() => keyOf(() => '')).toThrow(expect.objectContaining({ code: 'INVALID_CACHE' }))
  // @ts-expect-error -- an async function is a mistake TypeScript tells, and JavaScript does not
  expect(() => keyOf(async () => 'a')).toThrow(expect.objectContaining({ code: 'INVALID_CACHE' }))
})

test('a policy that makes no sense is refused where the task is defined', () => {
  // @ts-expect-error -- an unknown part
  expect(() => cachePolicy({ by: 'args' }, 'fetch')).toThrow(
    expect.objectContaining({ code: 'INVALID_CACHE', message: expect.stringContaining("'args'") }),
  )
  expect(() => cachePolicy({ by: [] }, 'fetch')).toThrow(expect.objectContaining({ code: 'INVALID_CACHE' }))
  expect(() => cachePolicy({ by: 'inputs', expires: 'soon' }, 'fetch')).toThrow('cache.expires of task fetch')
})

test('a result expires after its time, or never', () => {
  expect(cacheExpiry(cachePolicy({ by: 'inputs', expires: '1d' }, 'fetch'), 5)).toBe(86_400_000_005)
  expect(cacheExpiry(cachePolicy({ by: 'inputs' }, 'fetch'), 5)).toBeNull()
})
