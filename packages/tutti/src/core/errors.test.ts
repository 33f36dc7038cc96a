import { expect, test } from 'vitest'
import { catalog, isTuttiError, TuttiError } from './errors.ts'
import type { ErrorCode } from './errors.ts'

test.each(Object.entries(catalog))('%s has a status of the web and a fix in whole sentences', (code, { status, fix }) => {
  expect(code).toMatch(/^[A-Z][A-Z_]+$/)
  expect(status).toBeGreaterThanOrEqual(400)
  expect(status).toBeLessThan(600)
  expect(fix).toMatch(/^[A-Z`].*[.]$/)
})

test('an error carries its code, its status, its fix and its cause', () => {
  const cause = new Error('disk full')

  const error = new TuttiError('STORE_FAILED', 'the database cannot be written', { cause })

  expect(error).toMatchObject({
    name: 'TuttiError',
    message: 'the database cannot be written',
    code: 'STORE_FAILED',
    cause,
    ...catalog.STORE_FAILED,
  })
})

test('errors of ours are told from others, and by their code', () => {
  const error: unknown = new TuttiError('FENCED', 'too late')
  const codes: readonly ErrorCode[] = ['FENCED', 'STORE_BUSY']

  expect(isTuttiError(error)).toBe(true)
  expect(codes.map((code) => isTuttiError(error, code))).toEqual([true, false])
  expect([new Error('FENCED'), 'FENCED', null, undefined].filter((value) => isTuttiError(value))).toEqual([])
})
