import { expect, test } from 'vitest'
import type { Dispatch } from './flow-run.ts'
import { JsonText } from './literal-json.ts'
import { contextOf, isUntouched, madeBySchedule, RERUN_KEY } from './run-context.ts'

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

test('nothing is recorded for a run that begins for the first time, unless it takes over from another one', () => {
  const dispatch: Dispatch = {
    deploymentId: null,
    deploymentVersion: null,
    workQueueId: null,
    autoScheduled: false,
    createdBy: null,
    labels: new JsonText('{}'),
    context: new JsonText('{}'),
    jobVariables: null,
    infrastructureDocumentId: null,
    infrastructurePid: null,
  }

  expect(isUntouched({ attempt: 1 })).toBe(true)
  expect(isUntouched({ attempt: 1, dispatch })).toBe(true)
  expect(isUntouched({ attempt: 2, dispatch })).toBe(false)
  expect(isUntouched({ attempt: 1, dispatch: { ...dispatch, context: JsonText.of({ [RERUN_KEY]: { of: 'r' } }) } })).toBe(false)
})
