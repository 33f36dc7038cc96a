// Why runs stand where they do, maintenance, and running them again: as people type it.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../crash/server-process.ts'
import { CommandLine, flows } from './command.ts'

let tutti: CommandLine

beforeEach(() => {
  tutti = new CommandLine()
})
afterEach(() => tutti.close())

function folder(): string {
  return `folder=${tutti.folder}`
}

test('a run is explained without a server: who holds it, and what to do once it has failed', async () => {
  const running = tutti.start('run', `${flows}:steps`, '-p', folder(), '--name', 'holds')
  await running.printed('READY')
  const held = await tutti.run('flow-run', 'explain', 'holds')
  running.child.kill('SIGKILL')
  await running.ended
  await tutti.run('run', `${flows}:failing`, '-p', folder(), '--name', 'fails')
  const failed = await tutti.json('flow-run', 'explain', 'fails')

  expect(held.stdout).toMatch(
    /^holds \(.+\) is Running\.\n\nIt is running since .+, held by process \d+ on .+\.\n {2}\$ tutti flow-run watch/,
  )
  expect(failed).toMatchObject({
    state: { name: 'Failed' },
    reasons: [{ code: 'ended', action: { text: expect.stringMatching(/^tutti flow-run retry /) } }],
  })
})

test('maintenance is switched on and off, shown and waited for, with a server and without', async () => {
  const before = await tutti.run('maintenance', 'status')
  const on = await tutti.run('maintenance', 'on', '--message', 'new disks')
  const server = tutti.start('server', 'start', '--port', String(await freePort()))
  await server.printed('Tutti is ready')
  const seen = await tutti.run('server', 'status')
  const running = tutti.start('run', `${flows}:steps`, '-p', folder(), '--name', 'holds')
  await running.printed('READY')
  const busy = await tutti.run('maintenance', 'wait', '--timeout', '1ms')
  await tutti.run('flow-run', 'cancel', 'holds')
  const idle = await tutti.run('maintenance', 'wait')
  const off = await tutti.run('maintenance', 'off', '--catch-up', 'latest')

  expect(before).toMatchObject({ code: 1, stdout: 'There is no maintenance of the server.\nNothing runs.\n' })
  expect(on.stdout).toContain('Everything is in maintenance (begun just now): new disks. Nothing new starts.')
  expect(seen.stdout).toContain('new disks')
  expect(busy).toMatchObject({ code: 1, stdout: expect.stringContaining('1 run is under way.') })
  expect(idle).toMatchObject({ code: 0, stdout: 'Nothing runs.\n' })
  expect(off.stdout).toBe('Maintenance of the server has ended.\n')
  expect(await tutti.json('maintenance', 'status')).toEqual({ modes: [], running: 0, runs: [] })
})

test('a pool that is not there is named', async () => {
  const refused = await tutti.run('maintenance', 'on', '--pool', 'none')

  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Work pool "none" not found') })
})

test('a run is run again from a task, with another parameter, or with a result that is supplied', async () => {
  writeFileSync(path.join(tutti.folder, 'gate'), '')
  await tutti.run('run', `${flows}:steps`, '-p', folder(), '-p', 'count=2', '--name', 'first')
  const plan = await tutti.run('flow-run', 'rerun', 'first', '--from', 'hold', '--plan')
  const fromHold = await tutti.run('flow-run', 'rerun', 'first', '--from', 'hold', '-q')
  const longer = await tutti.run('flow-run', 'rerun', 'first', '-p', 'count=3', '-q')
  const supplied = await tutti.run('flow-run', 'rerun', 'first', '--result', 'hold="shut"', '--name', 'supplied', '-q')
  const wrong = await tutti.run('flow-run', 'rerun', 'first', '--from', 'held')

  expect(plan.stdout).toMatch(/^first \(.+\): 2 task runs reused, 1 to run again\.\n {2}reused {2}double/)
  expect([fromHold.stdout, longer.stdout, supplied.stdout].map((text) => JSON.parse(text) as unknown)).toEqual([
    { doubled: [2, 4] },
    { doubled: [2, 4, 6] },
    { doubled: [2, 4] },
  ])
  expect(tutti.calls).toEqual(['double 1', 'double 2', 'hold', 'hold', 'double 3'])
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('its tasks are double, hold') })
  expect(await tutti.json('flow-run', 'inspect', 'supplied')).toMatchObject({ state: { type: 'completed' } })
})

test('a failed run is retried from a task before its failure, through a server too', async () => {
  const server = tutti.start('server', 'start', '--port', String(await freePort()))
  await server.printed('Tutti is ready')
  await tutti.run('run', `${flows}:failing`, '-p', folder(), '--name', 'fails')
  const plan = await tutti.json('flow-run', 'retry', 'fails', '--from', 'double', '--plan')
  writeFileSync(path.join(tutti.folder, 'gate'), '')
  const retried = await tutti.run('flow-run', 'retry', 'fails', '--from', 'double', '-q')
  const again = await tutti.run('flow-run', 'rerun', 'fails', '--from', 'fragile', '-q')

  expect(plan).toMatchObject({ how: 'retry', reused: [], again: [{ because: 'chosen' }, { because: 'after' }] })
  expect([retried.stdout, again.stdout]).toEqual(['"through"\n', '"through"\n'])
  expect(tutti.calls).toEqual(['double 1', 'fragile', 'double 1', 'fragile', 'fragile'])
})
