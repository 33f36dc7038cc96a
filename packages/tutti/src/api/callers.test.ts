import { expect, test } from 'vitest'
import { callerHeader, callerOf } from './callers.ts'

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

test.each([
  [CHROME, { kind: 'dashboard', name: 'Chrome · 10.0.0.7' }],
  [`${CHROME} Edg/140.0`, { kind: 'dashboard', name: 'Edge · 10.0.0.7' }],
  ['prefect/3.4.1 (API 0.8.4)', { kind: 'client', name: 'prefect/3.4.1 · 10.0.0.7' }],
  ['curl/8.5.0', { kind: 'client', name: 'curl/8.5.0 · 10.0.0.7' }],
  ['', { kind: 'client', name: 'unnamed · 10.0.0.7' }],
])('who says %j of itself is known by that', (agent, actor) => {
  expect(callerOf(new Headers({ 'User-Agent': agent }), '::ffff:10.0.0.7')).toEqual(actor)
})

test('a program of ours says itself who it is, in any language', () => {
  const caller = { kind: 'command', name: 'jürgen@büro' } as const

  expect(callerOf(new Headers(callerHeader(caller)), '10.0.0.7')).toEqual(caller)
})

test('nobody can say to be the server, and what is no name is passed over', () => {
  const unnamed = { kind: 'client', name: 'unnamed' }

  expect(callerOf(new Headers(callerHeader({ kind: 'service', name: 'scheduler' })), undefined)).toEqual(unnamed)
  expect(callerOf(new Headers({ 'Tutti-Caller': '%E0%A4%A' }), undefined)).toEqual(unnamed)
})
