import { expect, test } from 'vitest'
import { JsonText } from './literal-json.ts'
import { contextOf, madeBySchedule } from './run-context.ts'

test('what a schedule says of a run is read again from its context, beside what others keep there', () => {
  const said = { logicalDate: 1_767_225_600_000_000, expiresAt: 1_767_225_660_000_000, overlap: 'queue', backfillId: 'b' } as const

  expect(madeBySchedule(contextOf(said))).toEqual(said)
  expect(madeBySchedule(JsonText.of({ mine: 1, 'tutti.overlap': 'skip' }))).toEqual({ overlap: 'skip' })
})

test('a context that says nothing, or nothing that can be read, says nothing', () => {
  expect(contextOf({ overlap: 'allow' }).text).toBe('{}')
  for (const text of ['{}', '[]', 'null', '{"tutti.logicalDate":"soon","tutti.overlap":7}', '["tutti.overlap"]'])
    expect(madeBySchedule(new JsonText(text))).toEqual({})
  expect(madeBySchedule(undefined)).toEqual({})
})
