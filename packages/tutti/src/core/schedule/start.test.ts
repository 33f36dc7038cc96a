import { expect, test } from 'vitest'
import { decideStart } from './start.ts'
import type { StartFacts } from './start.ts'

const NOW = 1_000_000_000
const FORMER = { id: 'b', name: 'swift-otter' }
const facts = (change: Partial<StartFacts>): StartFacts => ({
  dueAt: NOW - 1,
  expiresAt: null,
  overlap: 'allow',
  former: [FORMER],
  ...change,
})

test('a run starts when nothing of its schedule is under way, or that is allowed', () => {
  for (const overlap of ['skip', 'queue', 'cancel-running'] as const)
    expect(decideStart(facts({ overlap, former: [] }), NOW)).toEqual({ type: 'start' })
  expect(decideStart(facts({}), NOW)).toEqual({ type: 'start' })
})

test('one that is skipped says which run still runs', () => {
  expect(decideStart(facts({ overlap: 'skip' }), NOW)).toMatchObject({
    type: 'skip',
    name: 'Skipped',
    message: expect.stringContaining('swift-otter (b)'),
  })
})

test('one waits for the run before it, or for its end as Cancelled', () => {
  expect(decideStart(facts({ overlap: 'queue' }), NOW)).toMatchObject({ type: 'wait', until: NOW + 5_000_000, cancel: [] })
  expect(decideStart(facts({ overlap: 'cancel-running' }), NOW)).toMatchObject({ type: 'wait', until: NOW + 1_000_000, cancel: [FORMER] })
})

test('one that is later than its schedule allows does not start, whatever else is under way', () => {
  expect(decideStart(facts({ expiresAt: NOW, former: [] }), NOW)).toEqual({ type: 'start' })
  expect(decideStart(facts({ expiresAt: NOW - 1 }), NOW)).toMatchObject({ type: 'skip', name: 'Expired' })
})
