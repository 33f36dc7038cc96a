// The server as people start, look at and stop it.
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../crash/server-process.ts'
import { CommandLine, flows } from './command.ts'

let command: CommandLine

beforeEach(() => {
  command = new CommandLine()
})
afterEach(() => command.close())

test('is found while it runs, is the only one of its home, and stops in order', async () => {
  const port = String(await freePort())
  const server = command.start('server', 'start', '--port', port)
  await server.printed(`Tutti is ready at http://127.0.0.1:${port}/api`)

  expect(await command.json('server', 'status')).toEqual({
    running: true,
    home: command.home,
    pid: server.child.pid,
    url: `http://127.0.0.1:${port}/api`,
    maintenance: { modes: [], running: 0, runs: [] },
  })
  const second = await command.run('server', 'start')
  expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('SERVER_RUNNING')])

  const stopped = await command.run('server', 'stop')
  expect([stopped.code, stopped.stdout]).toEqual([0, `Stopped process ${server.child.pid}.\n`])
  expect(await server.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('"message":"stopped"') })
  expect((await command.run('server', 'status')).code).toBe(1)
  expect(existsSync(path.join(command.home, 'server.json'))).toBe(false)
})

test('one that was killed is not taken for one that runs', async () => {
  const server = command.start('server', 'start', '--port', String(await freePort()))
  await server.printed('Tutti is ready')
  server.child.kill('SIGKILL')
  await server.ended

  expect(await command.json('server', 'status')).toMatchObject({ running: false })
  const next = command.start('server', 'start', '--port', String(await freePort()))
  await next.printed('Tutti is ready')
  expect(await command.json('server', 'status')).toMatchObject({ running: true, pid: next.child.pid })
})

test('ends at once when it is stopped while it waits for its database', async () => {
  const nobody = await freePort()
  const server = command.start('server', 'start', '--database-url', `postgres://127.0.0.1:${nobody}/tutti`)
  await server.printed('does not answer')
  server.child.kill('SIGINT')

  expect(await server.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('ECONNREFUSED') })
  expect(await command.json('server', 'status')).toMatchObject({ running: false })
})

test('need not stop for a backup of its database', async () => {
  const server = command.start('server', 'start', '--port', String(await freePort()))
  await server.printed('Tutti is ready')
  await command.run('run', `${flows}:failing`, '--param', `folder=${command.folder}`)
  const copy = path.join(command.folder, 'copy.db')

  expect(await command.json('db', 'backup', copy)).toEqual({ path: copy })

  const other = await command.startWith(
    { TUTTI_DATABASE_URL: `file:${copy}`, TUTTI_HOME: path.join(command.folder, 'other') },
    'flow-run',
    'ls',
  ).ended
  expect(other.stdout).toContain('Failed')
})

test('takes a port that is free when none is asked for', async () => {
  const other = new CommandLine()
  const [one, two] = [command.start('server', 'start'), other.start('server', 'start')]
  await Promise.all([one.printed('Tutti is ready'), two.printed('Tutti is ready')])

  const urls = await Promise.all([command.json('server', 'status'), other.json('server', 'status')])
  expect(urls[0]?.['url']).not.toBe(urls[1]?.['url'])
  await other.close()
})

test('runs a program again whenever a file of it is saved, also by putting another in its place', async () => {
  const file = path.join(command.folder, 'program.mjs')
  const part = path.join(command.folder, 'part.mjs')
  const save = (which: string, text: string): void => {
    writeFileSync(`${which}.new`, text)
    renameSync(`${which}.new`, which)
  }
  save(part, "export const number = 'one'")
  save(file, "import { number } from './part.mjs'\nconsole.log('it is ' + number)")
  const dev = command.start('dev', file, '--port', String(await freePort()))
  await dev.printed('it is one')

  save(part, "export const number = 'two'")
  await dev.printed('it is two')
  save(part, 'export const number =')
  await dev.printed('has ended with exit code 1')
  save(part, "export const number = 'three'")
  await dev.printed('it is three')
  save(file, "console.log('it is four')")
  await dev.printed('it is four')
  dev.child.kill('SIGTERM')

  expect(await dev.ended).toMatchObject({ code: 0 })
})
