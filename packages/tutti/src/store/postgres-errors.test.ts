import { expect, test } from 'vitest'
import { TuttiError } from '../core/errors.ts'
import { faultOf, PostgresError, postgresError } from './postgres-errors.ts'

const withCode = (code: string): PostgresError => new PostgresError(Object.assign(new Error('what happened'), { code }))

test.each([
  ['23505', 'row'],
  ['22P02', 'row'],
  ['54000', 'row'],
  ['40001', 'conflict'],
  ['40P01', 'conflict'],
  ['55P03', 'locked'],
  ['57P03', 'connection'],
  ['08006', 'connection'],
  ['25006', 'connection'],
  ['ECONNREFUSED', 'connection'],
  ['28P01', 'address'],
  ['3D000', 'address'],
  ['ENOTFOUND', 'address'],
  ['26000', 'unprepared'],
  ['42601', 'database'],
  ['53100', 'database'],
])('an error %s is the fault of: %s', (code, fault) => {
  expect(faultOf(withCode(code))).toBe(fault)
})

test('a server that hangs up is a lost connection', () => {
  expect(faultOf(new PostgresError(new Error('Connection terminated unexpectedly')))).toBe('connection')
})

test('a row’s own fault is refused, one of the database fails and says what was tried', () => {
  expect(postgresError(withCode('23502'), 'the database x cannot be written')).toMatchObject({
    code: 'STORE_REFUSED',
    message: 'what happened',
  })
  expect(postgresError(withCode('53100'), 'the database x cannot be written')).toMatchObject({
    code: 'STORE_FAILED',
    message: 'the database x cannot be written: what happened',
  })
})

test('errors of others stay as they are', () => {
  const own = new TuttiError('FLOW_RUN_NOT_FOUND', 'no such run')
  const other = Object.assign(new Error('no such file'), { code: 'ENOENT' })

  expect(postgresError(own, 'what')).toBe(own)
  expect(postgresError(other, 'what')).toBe(other)
  expect(faultOf(other)).toBeUndefined()
})
