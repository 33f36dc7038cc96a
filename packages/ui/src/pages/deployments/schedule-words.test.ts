import { expect, it } from 'vitest'
import { cronFields, cronWords, intervalWords, rruleWords, scheduleWords } from './schedule-words.ts'

it.each([
  ['* * * * *', 'every minute'],
  ['*/10 * * * *', 'every 10 minutes'],
  ['0 * * * *', 'every hour'],
  ['15 * * * *', 'every hour at minute 15'],
  ['0,30 * * * *', 'every hour at minutes 0 and 30'],
  ['0 */6 * * *', 'every 6 hours'],
  ['15 2 * * *', 'every day at 02:15'],
  ['0 6,18 * * *', 'every day at 06:00 and 18:00'],
  ['30 7 * * 1-5', 'on weekdays at 07:30'],
  ['30 7 * * MON-FRI', 'on weekdays at 07:30'],
  ['0 9 * * 6,0', 'on weekends at 09:00'],
  ['0 9 * * MON,THU', 'on Monday and Thursday at 09:00'],
  ['0 9 * * 5-7', 'on Friday to Sunday at 09:00'],
  ['0 9 * * 1#2', 'on the 2nd Monday of the month at 09:00'],
  ['0 6 1 * *', 'on the 1st of the month at 06:00'],
  ['0 6 L * *', 'on the last day of the month at 06:00'],
  ['0 6 1,15 1-3 *', 'on the 1st and 15th of the month at 06:00, in January to March'],
  ['*/15 9-17 * * 1-5', 'every 15 minutes from 09:00 to 17:59, on weekdays'],
  ['0 6 13 * 5', 'on the 13th of the month or on Friday at 06:00'],
  ['@daily', 'every day at 00:00'],
])('cron %s is %s', (cron, words) => {
  expect(cronWords(cron)).toBe(words)
})

it.each(['*/7 * * * *', '1-9/2 * * * *', '0 0 1 1', 'soon', '99 1 * * *', '* * * * * *'])('cron %s has no short way to say it', (cron) => {
  expect(cronWords(cron)).toBeUndefined()
})

it.each([
  [1, 'every second'],
  [90, 'every 90 seconds'],
  [900, 'every 15 minutes'],
  [3_600, 'every hour'],
  [172_800, 'every 2 days'],
])('%i seconds are %s', (seconds, words) => {
  expect(intervalWords(seconds)).toBe(words)
})

it.each([
  ['FREQ=DAILY', 'every day'],
  ['RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;BYHOUR=9;BYMINUTE=30', 'every 2 weeks on Monday and Wednesday at 09:30'],
  ['DTSTART:20200101T000000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1', 'every month on the last day'],
  ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=5', 'every week on weekdays 5 times'],
  ['FREQ=MONTHLY;BYDAY=1MO', undefined],
  ['FREQ=YEARLY;BYEASTER=0', undefined],
])('the rule %s is %s', (rule, words) => {
  expect(rruleWords(rule)).toBe(words)
})

it('what has no words is shown as it is written', () => {
  expect(scheduleWords({ cron: '*/7 * * * *', timezone: null, day_or: true })).toBe('*/7 * * * *')
})

it('fields of an expression that is being typed are known by their places', () => {
  expect(cronFields('15 2').map(({ name, text }) => [name, text])).toEqual([
    ['minute', '15'],
    ['hour', '2'],
    ['day of month', ''],
    ['month', ''],
    ['day of week', ''],
  ])
})
