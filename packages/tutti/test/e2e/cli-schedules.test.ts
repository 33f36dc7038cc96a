// Schedules, calendars and backfills as people see and make them.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import { freePort } from '../crash/server-process.ts'
import { CommandLine } from './command.ts'

let command: CommandLine

beforeEach(() => {
  command = new CommandLine()
})
afterEach(() => command.close())

test('a schedule is shown without a server, with marks where clocks are put forward', async () => {
  const { code, stdout } = await command.run(
    'schedule',
    'preview',
    '30 2 * * *',
    '--tz',
    'Europe/Berlin',
    '--from',
    '2026-03-28',
    '-n',
    '2',
  )
  const wrong = await command.run('schedule', 'preview', '61 * * * *', '--json')

  expect(code).toBe(0)
  expect(stdout).toContain('Sat 2026-03-28 02:30:00 +01:00  2026-03-28 01:30:00Z')
  expect(stdout).toContain('Sun 2026-03-29 03:00:00 +02:00  2026-03-29 01:00:00Z  the clock skips the time itself')
  expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('61 is no minute')])
  expect((await command.run('calendar', 'ls')).stderr).toContain('NEEDS_SERVER')
})

test('calendars and backfills are kept by the server', async () => {
  const port = String(await freePort())
  await command.start('server', 'start', '--port', port).printed('Tutti is ready')
  const client = createClient({ url: `http://127.0.0.1:${port}/api` })
  const holidays = path.join(command.folder, 'holidays.ics')
  const event = 'BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nSUMMARY:Christmas\nRRULE:FREQ=YEARLY\nEND:VEVENT'
  writeFileSync(holidays, `BEGIN:VCALENDAR\n${event}\nEND:VCALENDAR\n`)

  await command.run('calendar', 'set', 'bank', '--closed', '2026-12-23..2026-12-24=Moving')
  expect(await command.json('calendar', 'import', 'bank', holidays)).toMatchObject({
    weekend: [6, 7],
    holidays: [{ name: 'Moving' }, { name: 'Christmas' }],
  })
  const preview = await command.json('schedule', 'preview', '0 9 * * *', '--calendar', 'bank', '--from', '2026-12-22T12:00:00Z', '-n', '1')
  expect(preview).toMatchObject({ times: [{ at: '2026-12-28T09:00:00Z' }] })

  const flow = await client.flows.create({ body: { name: 'etl' } })
  await client.deployments.create({
    body: { flow_id: flow.id, name: 'prod', schedules: [{ schedule: { cron: '0 5 * * *', timezone: 'Europe/Berlin' } }] },
  })
  const span = ['--from', '2025-12-01', '--to', '2025-12-31']
  const plan = await command.run('backfill', 'etl/prod', ...span, '--plan')
  expect(plan.stdout).toContain('31 runs of etl/prod, about:\n  2025-12-01T04:00:00Z')
  const made = await command.json('backfill', 'etl/prod', ...span, '--concurrency', '3', '--yes')
  expect(made).toMatchObject({ status: 'RUNNING', total: 31, made: 3 })
  const id = String(made['id'])
  expect((await command.run('backfill', 'inspect', id)).stdout).toContain('etl/prod')
  expect(await command.json('backfill', 'pause', id)).toMatchObject({ status: 'PAUSED' })
  expect(await command.json('backfill', 'cancel', id)).toMatchObject({ status: 'CANCELLED', runs: { CANCELLED: 3 } })
  expect((await command.run('backfill', 'ls')).stdout).toContain('cancelled')
})
