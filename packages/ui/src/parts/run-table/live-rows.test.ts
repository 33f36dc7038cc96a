import { expect, test } from 'vitest'
import { liveRows } from './live-rows.ts'

interface Row {
  readonly id: string
  readonly state: string
}

function rows(ids: string, state = 'old'): Row[] {
  return [...ids].map((id) => ({ id, state }))
}

const nothing = {
  head: undefined,
  isHeadWhole: false,
  looked: undefined,
  isAtTop: true,
  taken: new Set<string>(),
  idOf: ({ id }: Row) => id,
}

function shown(given: Partial<Parameters<typeof liveRows<Row>>[0]>): { rows: string; fresh: string; isTorn: boolean } {
  const found = liveRows({ ...nothing, listed: rows('cba'), ...given })
  return { rows: found.rows.map(({ id }) => id).join(''), fresh: found.fresh.join(''), isTorn: found.isTorn }
}

test('rows that are new join the list where its top is in sight', () => {
  expect(shown({ head: rows('edcb') })).toEqual({ rows: 'edcba', fresh: '', isTorn: false })
})

test('rows that are new are told and move nothing while somebody reads further down', () => {
  expect(shown({ head: rows('edcb'), isAtTop: false })).toEqual({ rows: 'cba', fresh: 'ed', isTorn: false })
})

test('a row that was taken in stays when one scrolls down', () => {
  expect(shown({ head: rows('edcb'), isAtTop: false, taken: new Set('d') })).toEqual({ rows: 'dcba', fresh: 'e', isTorn: false })
})

test('more new rows than the top holds tear the list', () => {
  expect(shown({ head: rows('zyx'), isAtTop: false })).toEqual({ rows: 'cba', fresh: 'zyx', isTorn: true })
})

test('rows of the top that the next page will bring are not new', () => {
  expect(shown({ listed: rows('cb'), head: rows('cba'), isAtTop: false })).toEqual({ rows: 'cb', fresh: '', isTorn: false })
})

test('rows in sight are shown as they are now, and leave when they no more meet the filter', () => {
  const looked = { asked: ['c', 'b'], rows: rows('b', 'new') }

  expect(liveRows({ ...nothing, listed: rows('cba'), looked }).rows).toEqual([
    { id: 'b', state: 'new' },
    { id: 'a', state: 'old' },
  ])
})

test('at the top, rows that no more meet the filter leave', () => {
  expect(shown({ head: rows('dba') }).rows).toBe('dba')
  expect(shown({ head: rows('db'), isHeadWhole: false }).rows).toBe('dba')
  expect(shown({ head: [], isHeadWhole: true }).rows).toBe('')
})
