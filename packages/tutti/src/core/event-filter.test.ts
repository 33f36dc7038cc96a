import { expect, test } from 'vitest'
import type { Event } from './event.ts'
import { isPlain, matchesEvent } from './event-filter.ts'
import type { EventFilter, ResourceTest } from './event-filter.ts'
import { JsonText } from './literal-json.ts'

const anything: EventFilter = {
  since: 0,
  until: 100,
  ids: null,
  names: null,
  prefixes: null,
  namesExcluded: [],
  prefixesExcluded: [],
  resource: null,
  related: [],
  any: [],
  words: [],
  order: 'newest',
}
const anyResource: ResourceTest = { ids: null, idPrefixes: null, roles: null, idsInRoles: null, labels: null }

const order: Event = {
  id: 'e1',
  name: 'shop.order.paid',
  occurredAt: 50,
  receivedAt: 51,
  resource: { 'prefect.resource.id': 'order.7', colour: 'dark red' },
  related: [{ 'prefect.resource.id': 'customer.1', 'prefect.resource.role': 'customer', city: 'Ulm' }],
  payload: new JsonText('{"note":"Express"}'),
  follows: null,
}

test.each([
  ['nothing in particular', {}, true],
  ['its name', { names: ['shop.order.paid'] }, true],
  ['another name', { names: ['shop.order'] }, false],
  ['the beginning of its name', { prefixes: ['shop.'] }, true],
  ['either a name or a beginning', { names: ['x'], prefixes: ['shop.'] }, true],
  ['all but its beginning', { prefixesExcluded: ['shop.order'] }, false],
  ['all but its name', { namesExcluded: ['shop.order.paid'] }, false],
  ['a later time', { since: 51 }, false],
  ['its very moment', { since: 50, until: 50 }, true],
  ['its id', { ids: ['e1'] }, true],
  ['its resource', { resource: { ...anyResource, ids: ['order.7'] } }, true],
  ['its resource as a related one', { related: [{ ...anyResource, ids: ['order.7'] }] }, false],
  ['a related one', { related: [{ ...anyResource, ids: ['customer.1'], roles: ['customer'] }] }, true],
  ['a related one in another role', { related: [{ ...anyResource, idsInRoles: [['customer.1', 'buyer']] }] }, false],
  [
    'two of which one is missing',
    {
      related: [
        { ...anyResource, roles: ['customer'] },
        { ...anyResource, roles: ['shop'] },
      ],
    },
    false,
  ],
  ['any that begins so', { any: [{ ...anyResource, idPrefixes: ['customer.'] }] }, true],
  ['a label with a wildcard', { resource: { ...anyResource, labels: { colour: ['*red'] } } }, true],
  ['a label with single wildcards', { resource: { ...anyResource, labels: { colour: ['d??k red'] } } }, true],
  ['a label that must not be', { resource: { ...anyResource, labels: { colour: ['!dark*'] } } }, false],
  ['no value of a label', { resource: { ...anyResource, labels: { colour: [] } } }, false],
  ['a label that is not there', { resource: { ...anyResource, labels: { size: ['*'] } } }, false],
  ['a word of its payload', { words: ['express'] }, true],
  ['a word that is nowhere', { words: ['slow'] }, false],
] satisfies readonly (readonly [string, Partial<EventFilter>, boolean])[])('a filter for %s', (_, filter, expected) => {
  expect(matchesEvent({ ...anything, ...filter }, order)).toBe(expected)
})

test('labels and words cannot be left to the database', () => {
  expect(isPlain({ ...anything, related: [{ ...anyResource, ids: ['a'] }] })).toBe(true)
  expect(isPlain({ ...anything, words: ['a'] })).toBe(false)
  expect(isPlain({ ...anything, any: [{ ...anyResource, labels: { a: ['b'] } }] })).toBe(false)
})
