import { expect, test } from 'vitest'
import { readAddress } from './postgres-address.ts'

test('what is ours is taken out of the address', () => {
  expect(readAddress('postgres://me:p%40ss@db:5433/tutti?sslmode=require&prepare=false&pool=9')).toEqual({
    urls: ['postgres://me:p%40ss@db:5433/tutti?sslmode=require'],
    listenUrls: ['postgres://me:p%40ss@db:5433/tutti?sslmode=require'],
    prepare: false,
    readers: 9,
  })
})

test('an address may name several hosts, and another one to listen at', () => {
  const { urls, listenUrls } = readAddress('postgresql://me@a,b:5433/tutti?listen=c:5432')

  expect(urls).toEqual(['postgresql://me@a/tutti', 'postgresql://me@b:5433/tutti'])
  expect(listenUrls).toEqual(['postgresql://me@c:5432/tutti'])
})

test.each([
  'postgres:secret',
  'postgres://me:secret@db/x?pool=many',
  'postgres://me:secret@db/x?prepare=maybe',
  'postgres://me:secret@db/x?pool=0',
])('the address %s is refused, and its password is not repeated', (url) => {
  expect(() => readAddress(url)).toThrow(
    expect.objectContaining({ code: 'INVALID_SETTING', message: expect.not.stringContaining('secret') }),
  )
})
