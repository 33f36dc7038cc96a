import { expect, test } from 'vitest'
import type { Told } from '../core/told.ts'
import { createHub } from './hub.ts'

const lines: Told = { type: 'logs', records: [] }
const change: Told = { type: 'changed', noun: 'deployments', id: 'd' }

test('what is told reaches those who have subscribed, until they leave', () => {
  const hub = createHub()
  const heard: Told[] = []
  const leave = hub.subscribe((told) => heard.push(told))

  hub.tell([change])
  leave()
  hub.tell([change])

  expect(heard).toEqual([change])
})

test('log lines are told only to those who ask for details', () => {
  const hub = createHub()
  const all: Told[] = []
  const rest: Told[] = []
  hub.subscribe((told) => all.push(told), { details: true })
  hub.subscribe((told) => rest.push(told))

  hub.tell([lines, change])

  expect({ all, rest }).toEqual({ all: [lines, change], rest: [change] })
})

test('whoever tells knows from the first to the last whether anybody asks for details', () => {
  const hub = createHub()
  const watched: boolean[] = []
  hub.connect((details) => watched.push(details))

  const one = hub.subscribe(() => undefined, { details: true })
  const other = hub.subscribe(() => undefined, { details: true })
  one()
  other()

  expect(watched).toEqual([true, false])
})
