import { afterEach, beforeEach, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

function preview(body: object): Promise<Answer> {
  return server.call('POST', '/schedules/preview', body)
}

const night = { cron: '30 2 * * *', timezone: 'Europe/Berlin' }

it('the time that clocks skip is marked, and shown as they show it', async () => {
  const { body } = await preview({ schedule: night, n: 3, after: '2026-03-28T00:00:00Z' })

  expect(body.occurrences).toEqual([
    {
      at: '2026-03-28T01:30:00Z',
      local: '2026-03-28T02:30:00+01:00',
      offset_seconds: 3_600,
      logical_date: '2026-03-28T01:30:00Z',
      marks: [],
    },
    expect.objectContaining({ at: '2026-03-29T01:00:00Z', local: '2026-03-29T03:00:00+02:00', marks: ['gap', 'offset_changed'] }),
    expect.objectContaining({ at: '2026-03-30T00:30:00Z', marks: [] }),
  ])
  expect(body.excluded).toEqual([])
})

it('the time that clocks show twice is marked', async () => {
  const { body } = await preview({ schedule: night, n: 1, after: '2026-10-25T00:00:00Z' })

  expect(body.occurrences).toMatchObject([{ at: '2026-10-25T00:30:00Z', marks: ['overlap'] }])
})

it('what a calendar leaves out is told with its reason, whether the calendar is stored or not', async () => {
  const calendar = { weekend: [6, 7], holidays: [{ from: '2026-01-01', name: 'New Year' }] }
  await server.call('PUT', '/calendars/de', calendar)
  const asked = { schedule: { cron: '0 9 * * *' }, n: 2, after: '2026-01-01T00:00:00Z' }

  const { body } = await preview({ ...asked, options: { calendar: { name: 'de' } } })

  expect(body.occurrences).toMatchObject([{ at: '2026-01-02T09:00:00Z' }, { at: '2026-01-05T09:00:00Z' }])
  expect(body.excluded).toMatchObject([
    { at: '2026-01-01T09:00:00Z', because: 'New Year' },
    { at: '2026-01-03T09:00:00Z', because: 'Saturday' },
    { at: '2026-01-04T09:00:00Z', because: 'Sunday' },
  ])
  expect((await preview({ ...asked, calendar })).body).toEqual(body)
})

it('times that a calendar moves are marked with what the schedule says', async () => {
  await server.call('PUT', '/calendars/de', { weekend: [6, 7] })
  const options = { calendar: { name: 'de', rule: 'roll_forward' } }

  const { body } = await preview({ schedule: { cron: '0 9 * * 6' }, options, n: 1, after: '2026-01-02T00:00:00Z' })

  expect(body.occurrences).toMatchObject([{ at: '2026-01-05T09:00:00Z', logical_date: '2026-01-03T09:00:00Z', marks: ['rolled'] }])
  expect(body.excluded).toEqual([])
})

it('intervals and rules are previewed too', async () => {
  const after = '2026-01-01T00:00:00Z'

  const every = await preview({ schedule: { interval: 3_600, anchor_date: '2026-01-01T00:15:00Z' }, n: 1, after })
  const rule = await preview({ schedule: { rrule: 'DTSTART:20260101T080000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR' }, n: 1, after })

  expect(every.body.occurrences).toMatchObject([{ at: '2026-01-01T00:15:00Z' }])
  expect(rule.body.occurrences).toMatchObject([{ at: '2026-01-30T08:00:00Z' }])
})

it('what is wrong with a schedule is said', async () => {
  for (const schedule of [
    { cron: '61 * * * *' },
    { rrule: 'FREQ=SOMETIMES' },
    { cron: '0 5 * * *', timezone: 'Mars/Olympus' },
    { interval: 0 },
  ])
    expect((await preview({ schedule })).body).toMatchObject({ code: 'INVALID_SCHEDULE', detail: expect.stringMatching(/\w/) })
  expect((await preview({ schedule: {} })).status).toBe(422)
  expect((await preview({ schedule: { cron: '0 5 * * *' }, n: 201 })).status).toBe(422)
  expect((await preview({ schedule: { cron: '0 5 * * *' }, options: { calendar: { name: 'nowhere' } } })).status).toBe(404)
  expect((await preview({ schedule: { cron: '0 5 * * *' }, calendar: { weekend: [8] } })).body).toMatchObject({ code: 'INVALID_REQUEST' })
})
