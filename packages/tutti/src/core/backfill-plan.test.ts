import { describe, expect, test } from 'vitest'
import { planBackfill } from './backfill-plan.ts'
import type { PlanFacts } from './backfill-plan.ts'
import type { BackfillRequest } from './backfill.ts'
import { JsonText } from './literal-json.ts'
import { formatInstant, parseInstant } from './time.ts'
import type { Instant } from './time.ts'

const at = (text: string): Instant => parseInstant(text) ?? 0
const request = (change: Partial<BackfillRequest> = {}): BackfillRequest => ({
  from: at('2026-01-01T00:00:00Z'),
  until: at('2026-01-04T00:00:00Z'),
  stepS: null,
  timezone: null,
  order: 'oldest',
  concurrency: 1,
  only: 'all',
  parameters: new JsonText('{}'),
  ...change,
})
const daily = {
  scheduleId: 'a',
  schedule: { type: 'cron', cron: '0 5 * * *', timezone: null, dayOr: true },
  options: { jitterS: 600 },
  openDays: null,
} as const
const facts = (change: Partial<PlanFacts> = {}): PlanFacts => ({ plans: [daily], known: new Map(), ...change })
const days = (given: BackfillRequest, known: PlanFacts = facts()): readonly string[] =>
  planBackfill(given, known).dates.map(({ logicalDate }) => formatInstant(logicalDate).slice(5, 16))

describe('a backfill', () => {
  test('has the times of the schedules in its span, each once', () => {
    expect(days(request(), facts({ plans: [daily, { ...daily, scheduleId: 'b' }] }))).toEqual(['01-01T05:00', '01-02T05:00', '01-03T05:00'])
  })

  test('or one each step, by days of the calendar', () => {
    const span = { from: at('2026-03-27T23:00:00Z'), until: at('2026-03-30T22:00:00Z'), timezone: 'Europe/Berlin' }

    expect(days(request({ ...span, stepS: 86_400 }))).toEqual(['03-27T23:00', '03-28T23:00', '03-29T22:00'])
    expect(days(request({ stepS: 43_200, until: at('2026-01-02T00:00:00Z') }))).toEqual(['01-01T00:00', '01-01T12:00'])
  })

  test('begins with the newest when told so', () => {
    expect(days(request({ order: 'newest' }))).toEqual(['01-03T05:00', '01-02T05:00', '01-01T05:00'])
  })

  test('leaves out times by what became of them', () => {
    const known = new Map([
      [at('2026-01-01T05:00:00Z'), 'completed'],
      [at('2026-01-02T05:00:00Z'), 'failed'],
    ] as const)

    expect(days(request({ only: 'failed' }), facts({ known }))).toEqual(['01-02T05:00'])
    expect(days(request({ only: 'missing' }), facts({ known }))).toEqual(['01-02T05:00', '01-03T05:00'])
    expect(planBackfill(request({ only: 'missing' }), facts({ known })).leftOut).toBe(1)
  })

  test('finds all times of a long span', () => {
    expect(days(request({ until: at('2029-01-01T00:00:00Z') }))).toHaveLength(1_096)
  })

  test.each([
    [request({ until: at('2025-01-01T00:00:00Z') }), facts(), 'before it begins'],
    [request({ concurrency: 0 }), facts(), 'from 1 to 1000'],
    [request(), facts({ plans: [] }), 'give a step'],
    [request({ stepS: 0 }), facts(), 'longer than nothing'],
    [request({ stepS: 1 }), facts(), 'more than 10000 runs'],
  ])('%# is refused', (given, known, problem) => {
    expect(() => planBackfill(given, known)).toThrow(problem)
  })
})
