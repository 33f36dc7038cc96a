import { expect, test } from 'vitest'
import { endingOf, formatOf, placeOf, shownUrl } from './source.ts'

test.each([
  ['yellow_tripdata_2001-01.csv.gz', { format: 'csv', compression: 'gzip', isLines: true }],
  ['https://example.com/trips.json?version=2', { format: 'json', compression: 'none', isLines: false }],
  ['TRIPS.NDJSON.ZST', { format: 'json', compression: 'zstd', isLines: true }],
  ['trips.parquet', { format: 'parquet', compression: 'none', isLines: true }],
  ['trips', { compression: 'none', isLines: true }],
])('the name %s tells how the file is read', (name, told) => {
  expect(endingOf(name)).toEqual(told)
})

test('a format that is given counts more than the name', () => {
  expect(formatOf('trips.txt', 'json')).toBe('json')
  expect(() => formatOf('trips', undefined)).toThrow("say format: 'csv', 'json' or 'parquet'")
})

test('what is shown of an address holds no user, password or signature', () => {
  expect(shownUrl('https://user:password@example.com/trips.csv?X-Signature=secret#part')).toBe('https://example.com/trips.csv')
})

test.each([
  ['trips.csv', { type: 'file', path: 'trips.csv' }],
  ['file:///data/trips.csv', { type: 'file', path: '/data/trips.csv' }],
  ['https://example.com/trips.csv?key=secret', { type: 'web', shown: 'https://example.com/trips.csv' }],
])('%s is a place', (source, place) => {
  expect(placeOf(source, undefined)).toMatchObject(place)
})

test.each(['s3://bucket/trips.csv', 'gs://bucket', 'gs://bucket/trips.csv', ''])('"%s" is none, and a sentence says why', (source) => {
  expect(() => placeOf(source, undefined)).toThrow(/cannot be read|no address|needs a bucket|is empty/)
})
