import { describe, expect, test } from 'vitest'
import type { DeploymentChanges } from './deployment.ts'
import { describeChanges, differences, planned } from './deployment-plan.ts'
import { JsonText } from './literal-json.ts'

const NAMES = { flowName: 'etl', name: 'prod' }
const cron = (text: string) => ({ type: 'cron', cron: text, timezone: 'UTC', dayOr: true }) as const

function wanted(changes: DeploymentChanges = {}): DeploymentChanges {
  return {
    tags: ['a'],
    parameters: JsonText.of({ day: '2026-01-01', limits: { rows: 10 } }),
    parameterSchema: JsonText.of({ type: 'object', properties: { day: { type: 'string' } }, required: ['day'] }),
    schedules: [{ slug: 'nightly', schedule: cron('0 5 * * *') }],
    ...changes,
  }
}

function plan(before: DeploymentChanges, after: DeploymentChanges) {
  const there = describeChanges(before, undefined)
  return planned(NAMES, there, describeChanges(after, there))
}

describe('the plan of a deployment', () => {
  test('that is not there tells what a new one would not have anyhow', () => {
    const { change, fields } = planned(NAMES, undefined, describeChanges(wanted(), undefined))

    expect(change).toBe('added')
    expect(fields.map(({ field }) => field)).toEqual(['tags', 'parameters.day', 'parameters.limits', 'schedules.nightly'])
  })

  test('that is as it should be has nothing to change, however its members are ordered and its numbers are spelled', () => {
    const before = wanted({ parameters: new JsonText('{"b":1.0,"a":2}') })
    const after = wanted({ parameters: new JsonText('{"a":2,"b":1}') })

    expect(plan(before, after)).toMatchObject({ change: 'unchanged', fields: [] })
  })

  test('tells each field with what it was and what it will be', () => {
    const after = wanted({
      tags: ['b'],
      parameters: JsonText.of({ day: '2026-01-02', limits: { rows: 10 } }),
      schedules: [{ slug: 'nightly', schedule: cron('0 6 * * *') }],
    })

    expect(plan(wanted(), after)).toMatchObject({
      change: 'changed',
      fields: [
        { field: 'tags', was: ['a'], now: ['b'] },
        { field: 'parameters.day', was: '2026-01-01', now: '2026-01-02' },
        { field: 'schedules.nightly.schedule.cron', was: '0 5 * * *', now: '0 6 * * *' },
      ],
    })
  })

  test('tells what comes and what goes by leaving out the other side', () => {
    const after = wanted({ parameters: JsonText.of({ day: '2026-01-01', size: 5 }), schedules: [] })
    const { fields } = plan(wanted(), after)

    expect(fields).toEqual([
      { field: 'parameters.limits', was: { rows: 10 } },
      { field: 'parameters.size', now: 5 },
      { field: 'schedules.nightly', was: expect.objectContaining({ active: true }) },
    ])
  })

  test('leaves alone what the code does not name', () => {
    expect(plan(wanted({ paused: true, version: '2', description: 'x' }), wanted())).toMatchObject({ change: 'unchanged' })
  })

  test('tells how many may run at once and what happens beyond that in the words of the code', () => {
    const limited = wanted({
      concurrencyLimit: 1,
      concurrencyOptions: { strategy: 'cancel-new', graceS: null },
      options: { crashRestarts: 3, collision: 'skip' },
    })

    expect(plan(wanted({ options: { crashRestarts: 3 } }), limited).fields).toEqual([
      { field: 'concurrency.limit', was: null, now: 1 },
      { field: 'concurrency.collision', was: null, now: 'skip' },
    ])
    expect(plan(limited, limited).change).toBe('unchanged')
  })

  test('finds the parameters that a new schema refuses, also those of a schedule that stays', () => {
    const schedules = [{ slug: 'monthly', schedule: cron('0 5 1 * *'), parameters: JsonText.of({ day: 'first' }) }]
    const parameterSchema = JsonText.of({ type: 'object', properties: { day: { type: 'integer' } } })
    const before = wanted({ parameters: JsonText.of({}), schedules })
    const { change, fields, misfits } = plan(before, { ...before, parameterSchema })

    expect({ change, fields: fields.map(({ field }) => field) }).toEqual({
      change: 'changed',
      fields: ['parameterSchema.properties.day.type', 'parameterSchema.required'],
    })
    expect(misfits).toMatchObject([{ schedule: 'monthly', problem: expect.stringContaining("field 'day'") }])
  })

  test('asks of each schedule for all parameters that a run needs', () => {
    const without = wanted({ parameters: JsonText.of({}) })

    expect(plan(without, without).misfits).toMatchObject([{ schedule: 'nightly', problem: expect.stringContaining('day') }])
    const free = { ...without, enforceParameterSchema: false }
    expect(plan(free, free).misfits).toEqual([])
  })
})

describe('differences', () => {
  test('of what is equal are none, and the same applied once more are none', () => {
    expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([])
    expect(differences({ a: 1 }, {})).toEqual([{ field: 'a', was: 1 }])
  })
})
