import { describe, expect, test } from 'vitest'
import type { CalendarContent } from './calendar.ts'
import { calendarProblem, dayOf, OpenDays } from './calendar-days.ts'
import { readCalendarFile } from './ics.ts'

const content = (change: Partial<CalendarContent>): CalendarContent => ({ description: null, weekend: [6, 7], holidays: [], ...change })

describe('days of a calendar', () => {
  const days = new OpenDays({
    weekend: [6, 7],
    holidays: [
      { from: '2025-12-30', to: '2026-01-01', name: 'New Year', rule: 'FREQ=YEARLY' },
      { from: '2020-11-26', to: '2020-11-26', name: 'Thanksgiving', rule: 'FREQ=YEARLY;BYMONTH=11;BYDAY=4TH' },
      { from: '2026-08-03', to: '2026-08-07', name: 'Moving house' },
    ],
  })
  const why = (day: string): string | undefined => days.closedFor(dayOf(day))

  test('are closed at weekends, on single days, on several in a row, and on those that come again', () => {
    expect(['2026-08-07', '2026-08-08', '2026-08-10', '2026-11-26', '2027-11-25'].map(why)).toEqual([
      'Moving house',
      'Saturday',
      undefined,
      'Thanksgiving',
      'Thanksgiving',
    ])
  })

  test('are closed over the end of a year', () => {
    expect(['2026-12-29', '2026-12-30', '2026-12-31', '2027-01-01', '2027-01-04'].map(why)).toEqual([
      undefined,
      'New Year',
      'New Year',
      'New Year',
      undefined,
    ])
  })

  test('that are open are found before and after', () => {
    expect(days.nearest(dayOf('2026-08-05'), 1)).toBe(dayOf('2026-08-10'))
    expect(days.nearest(dayOf('2026-08-05'), -1)).toBe(dayOf('2026-07-31'))
    expect(new OpenDays({ weekend: [1, 2, 3, 4, 5, 6, 7], holidays: [] }).nearest(dayOf('2026-08-05'), 1)).toBeUndefined()
  })
})

test.each([
  ['', content({}), 'the name of a calendar has'],
  ['a/b', content({}), "unlike 'a/b'"],
  ['bank', content({ weekend: [0] }), '0 is none'],
  ['bank', content({ weekend: [1, 2, 3, 4, 5, 6, 7] }), 'leaves none open'],
  [
    'bank',
    content({ holidays: [{ from: '2026-02-30', to: '2026-02-30', name: 'X' }] }),
    "the holiday 'X' begins on '2026-02-30', which is no day",
  ],
  ['bank', content({ holidays: [{ from: '2026-02-02', to: '2026-02-01', name: 'X' }] }), 'before it begins'],
  ['bank', content({ holidays: [{ from: '2026-02-02', to: '2027-02-03', name: 'X' }] }), 'longer than 366 days'],
  [
    'bank',
    content({ holidays: [{ from: '2026-02-02', to: '2026-02-02', name: 'X', rule: 'FREQ=HOURLY' }] }),
    'does not begin with FREQ=YEARLY',
  ],
  ['bank', content({ holidays: [{ from: '2026-02-02', to: '2026-02-02', name: 'X', rule: 'FREQ=YEARLY;BYDAY=XX' }] }), 'Invalid RRule'],
])('the calendar %j %j is refused', (name, given, problem) => {
  expect(calendarProblem(name, given)).toContain(problem)
})

describe('a calendar file', () => {
  const file = (...events: readonly string[]): string => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...events, 'END:VCALENDAR'].join('\r\n')

  test('gives its all-day events, with their rules', () => {
    const { holidays, leftOut } = readCalendarFile(
      file(
        'BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Christmas\\, and the da\r\n y after\r\nRRULE:FREQ=YEARLY\r\nBEGIN:VALARM\r\nSUMMARY:Ring\r\nEND:VALARM\r\nEND:VEVENT',
        'BEGIN:VEVENT\r\nSUMMARY:Moving\r\nDTSTART;VALUE=DATE:20260803\r\nDURATION:P5D\r\nEND:VEVENT',
        'BEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:Labour Day\r\nDTSTART;VALUE=DATE:20260501\r\nEND:VEVENT',
      ),
    )

    expect(holidays).toEqual([
      { from: '2026-12-25', to: '2026-12-26', name: 'Christmas, and the day after', rule: 'FREQ=YEARLY' },
      { from: '2026-08-03', to: '2026-08-07', name: 'Moving' },
      { from: '2026-05-01', to: '2026-05-01', name: 'Labour Day' },
    ])
    expect(leftOut).toEqual([])
  })

  test('says what it left out', () => {
    const { holidays, leftOut } = readCalendarFile(
      file(
        'BEGIN:VEVENT\r\nSUMMARY:Meeting\r\nDTSTART:20261225T100000Z\r\nEND:VEVENT',
        'BEGIN:VEVENT\r\nSUMMARY:Off\r\nSTATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20260501\r\nEND:VEVENT',
        'BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260501\r\nEXDATE;VALUE=DATE:20270501\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT',
      ),
    )

    expect(holidays).toEqual([])
    expect(leftOut).toEqual([
      'Meeting: it does not last whole days',
      'Off: it is cancelled',
      'an event without a name: it has single days beside its rule (EXDATE, RDATE)',
    ])
  })

  test('that is none is refused', () => {
    expect(() => readCalendarFile('name,day\nChristmas,2026-12-25')).toThrow('BEGIN:VCALENDAR')
  })
})
