import { cpSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommandLine, flows } from './command.ts'
import type { Running } from './command.ts'

let tutti: CommandLine

beforeEach(() => {
  tutti = new CommandLine()
})

afterEach(() => tutti.close())

function openGate(): void {
  writeFileSync(path.join(tutti.folder, 'gate'), '')
}

/** A run of which three tasks are finished and a fourth is under way. */
async function runUnderWay(name: string): Promise<Running> {
  const running = tutti.start('run', `${flows}:steps`, '-p', `folder=${tutti.folder}`, '--name', name)
  await running.printed('READY')
  return running
}

async function kill({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL')
  await ended
}

const finishedOnce = ['double 1', 'double 2', 'double 3', 'hold', 'hold']

test('a run whose process was killed is Crashed, and resume goes on without repeating finished tasks', async () => {
  await kill(await runUnderWay('killed'))

  const listed = await tutti.run('flow-run', 'ls')
  openGate()
  const resumed = await tutti.run('flow-run', 'resume', 'killed', '--json')

  expect(listed.stdout).toMatch(/Crashed +killed +steps/)
  expect(resumed.code).toBe(0)
  expect(JSON.parse(resumed.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'outcome', result: { doubled: [2, 4, 6] } })
  expect(tutti.calls).toEqual(finishedOnce)
  expect(await tutti.json('flow-run', 'inspect', 'killed')).toMatchObject({
    state: { type: 'completed' },
    attempt: 2,
    taskRuns: { completed: 4 },
  })
})

test('run --resume continues the newest unfinished run, of the file when one is given', async () => {
  await kill(await runUnderWay('older'))
  openGate()

  const ofFile = await tutti.run('run', '--resume', `${flows}:steps`, '-q')
  const nothing = await tutti.run('run', '--resume')

  expect(ofFile.code).toBe(0)
  expect(JSON.parse(ofFile.stdout)).toEqual({ doubled: [2, 4, 6] })
  expect(tutti.calls).toEqual(finishedOnce)
  expect(nothing.code).toBe(1)
  expect(nothing.stderr).toContain('no run is waiting to be resumed; the newest, older')
})

test('a run whose file has moved is continued with the file named', async () => {
  const moved = path.join(tutti.folder, 'moved.ts')
  cpSync(path.join(path.dirname(flows), 'moving.ts'), path.join(tutti.folder, 'flow.ts'))
  const running = tutti.start('run', 'flow.ts', '-p', `folder=${tutti.folder}`, '--name', 'homeless')
  await running.printed('READY')
  await kill(running)
  renameSync(path.join(tutti.folder, 'flow.ts'), moved)
  openGate()

  const lost = await tutti.run('flow-run', 'resume', 'homeless')
  const found = await tutti.run('flow-run', 'resume', 'homeless', '--file', moved, '-q')

  expect(lost.code).toBe(1)
  expect(lost.stderr).toContain('is not where it was: there is no file flow.ts')
  expect(lost.stderr).toContain('--file flow.ts')
  expect(found).toMatchObject({ code: 0, stdout: '"moved"\n' })
  expect(tutti.calls).toEqual(['once'])
})

test('a new run of a flow whose last run crashed hints at resuming it', async () => {
  await kill(await runUnderWay('killed'))
  openGate()

  const { code, stderr } = await tutti.run('run', `${flows}:steps`, '-p', `folder=${tutti.folder}`, '-q')

  expect(code).toBe(0)
  expect(stderr).toMatch(/Flow run killed of steps crashed .* with 3 task runs finished; continue it with: tutti flow-run resume /)
})

test('Ctrl-C cancels the run with exit code 130; its code cleans up, and it can be resumed', async () => {
  const running = await runUnderWay('interrupted')

  running.child.kill('SIGINT')
  const ended = await running.ended
  openGate()
  const resumed = await tutti.run('run', '--resume', '-q')

  expect(ended).toMatchObject({ code: 130, signal: null })
  expect(tutti.calls).toContain('cleaned up')
  expect(await tutti.json('flow-run', 'inspect', 'interrupted')).toMatchObject({
    attempt: 2,
    states: expect.arrayContaining([expect.objectContaining({ type: 'cancelled' })]) as unknown,
  })
  expect(resumed.code).toBe(0)
  expect(tutti.calls.filter((call) => call.startsWith('double'))).toHaveLength(3)
})

test('a second Ctrl-C ends a run that does not listen, and what is finished is kept', async () => {
  const running = tutti.start('run', `${flows}:stubborn`, '-p', `folder=${tutti.folder}`, '--name', 'deaf')
  await running.printed('READY')

  // A package manager may pass one press on twice, so what comes at once does not count: press until it has ended.
  running.child.kill('SIGINT')
  await running.printed('Press Ctrl-C again')
  const pressing = setInterval(() => running.child.kill('SIGINT'), 50)
  const ended = await running.ended.finally(() => clearInterval(pressing))

  expect(ended).toMatchObject({ code: 130, signal: null })
  expect(await tutti.json('flow-run', 'inspect', 'deaf')).toMatchObject({ state: { type: 'cancelled' }, taskRuns: { completed: 3 } })
})

test('a request to end cancels the run with exit code 143', async () => {
  const running = await runUnderWay('ended')

  running.child.kill('SIGTERM')

  expect(await running.ended).toMatchObject({ code: 143, signal: null })
  expect((await tutti.json('flow-run', 'inspect', 'ended'))['state']).toMatchObject({ type: 'cancelled' })
})

test('a run goes on when nobody reads its output any more', async () => {
  const running = tutti.start('run', `${flows}:steps`, '-p', `folder=${tutti.folder}`, '--name', 'unread', '--json')
  await running.printed('READY')

  running.child.stdout?.destroy()
  running.child.kill('SIGINT')
  const ended = await running.ended

  expect(ended).toMatchObject({ code: 130, signal: null })
  expect((await tutti.json('flow-run', 'inspect', 'unread'))['state']).toMatchObject({ type: 'cancelled' })
})

test('cancel from a second process ends the run of the first and waits for it', async () => {
  const running = await runUnderWay('remote')

  const cancelled = await tutti.run('flow-run', 'cancel', 'remote')

  expect(cancelled.code).toBe(0)
  expect(cancelled.stdout).toMatch(/^Cancelled remote \(/)
  expect(await running.ended).toMatchObject({ code: 130, signal: null })
  expect(tutti.calls).toContain('cleaned up')
})

test('watch follows a run of another process, and ends as it ends', async () => {
  const running = await runUnderWay('watched')

  const watching = tutti.start('flow-run', 'watch', 'watched')
  await watching.printed('holding 3')
  await kill(running)
  const { code, stdout } = await watching.ended

  expect(code).toBe(1)
  expect(stdout).toContain('Running')
  expect(stdout).toContain('Crashed')
  expect(stdout).toContain('3 completed')
})

test('a run under way is not deleted; an ended one goes with all that belongs to it', async () => {
  const running = await runUnderWay('kept')

  const refused = await tutti.run('flow-run', 'delete', 'kept')
  await kill(running)
  const deleted = await tutti.run('flow-run', 'delete', 'kept')

  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain(`held by process ${running.child.pid}`)
  expect(deleted).toMatchObject({ code: 0, stderr: '' })
  expect((await tutti.json('db', 'info'))['rows']).toMatchObject({ flow_runs: 0, task_runs: 0, logs: 0 })
})

test('the database is not reset under a run, and --yes resets it afterwards', async () => {
  const running = await runUnderWay('busy')

  const refused = await tutti.run('db', 'reset', '--yes')
  await kill(running)
  const reset = await tutti.run('db', 'reset', '--yes')

  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('cancel it first')
  expect(reset.stdout).toContain('with 1 flow runs')
  expect(await tutti.json('flow-run', 'ls')).toEqual({ items: [], cursor: null })
})
