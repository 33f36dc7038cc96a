import { expect, test } from 'vitest'
import type { Event } from './event.ts'
import { countedBy, countedInTime, countedOnce } from './event-counts.ts'
import { JsonText } from './literal-json.ts'

function anEvent(name: string, occurredAt: number): Event {
  return {
    id: `${name}-${occurredAt}`,
    name,
    occurredAt,
    receivedAt: occurredAt,
    resource: { 'prefect.resource.id': `of-${name}` },
    related: [],
    payload: new JsonText('{}'),
    follows: null,
  }
}

const events = [anEvent('a', 5), anEvent('b', 12), anEvent('b', 27)].map(countedOnce)

test('events are counted by their name, the most frequent first', () => {
  expect(countedBy('event', events)).toMatchObject([
    { value: 'b', count: 2, from: 12, to: 27 },
    { value: 'a', count: 1 },
  ])
})

test('a resource without a name is shown by its id', () => {
  expect(countedBy('resource', events).map(({ label }) => label)).toEqual(['of-b', 'of-a'])
})

test('spans of time without events are counted, too', () => {
  expect(countedInTime(events, { since: 0, until: 40, spanUs: 10 }).map(({ count }) => count)).toEqual([1, 1, 1, 0])
})

test('more spans than a view could show are refused', () => {
  expect(() => countedInTime(events, { since: 0, until: 1e9, spanUs: 1 })).toThrow(/buckets/)
})
