import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommandLine } from './command.ts'
import type { Running } from './command.ts'

const file = path.join(import.meta.dirname, 'flows', 'approval.ts')

let tutti: CommandLine

beforeEach(() => {
  tutti = new CommandLine()
})

afterEach(() => tutti.close())

/** A run that waits for somebody. */
async function waiting(): Promise<Running> {
  const running = tutti.start('run', `${file}:approval`, '-p', `folder=${tutti.folder}`, '--name', 'release')
  await running.printed('waits for input')
  return running
}

test('another terminal sees what a run waits for and gives it; the run goes on where it is', async () => {
  const running = await waiting()

  const shown = await tutti.run('flow-run', 'inspect', 'release')
  const asJson = await tutti.json('flow-run', 'inspect', 'release')
  const resumed = await tutti.run('flow-run', 'resume', 'release', '--input', 'approved=true', '--input', 'by=ada')
  const ended = await running.ended

  expect(shown.stdout).toMatch(/State +Paused: Ship it\? \(waits for input, at most until /)
  expect(shown.stdout).toMatch(/Waits for +ship: Ship it\?/)
  expect(shown.stdout).toContain('it takes approved (boolean), by (string, optional)')
  expect(shown.stdout).toContain('tutti flow-run resume release --input')
  expect(asJson['waits']).toMatchObject([{ name: 'ship', kind: 'input', description: 'Ship it?', schema: { type: 'object' } }])
  expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('it goes on in process') as string })
  expect(ended.code).toBe(0)
  expect(JSON.parse(ended.stdout)).toEqual({ approved: true, by: 'ada' })
  expect(ended.stderr).toContain('flow run release goes on')
  expect(tutti.calls).toEqual(['built', 'shipped'])
})

test('an input that does not fit is refused with its field, and the run waits on', async () => {
  const running = await waiting()

  const wrong = await tutti.run('flow-run', 'resume', 'release', '--input', '{"approved":"maybe"}')
  const none = await tutti.run('flow-run', 'resume', 'release', '--json')
  const right = await tutti.json('flow-run', 'resume', 'release', '--input', '{"approved":false}')
  await running.ended

  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("field 'approved'") as string })
  expect(none.code).toBe(2)
  expect(none.stdout + none.stderr).toContain("'approved' is a required property")
  expect(right).toMatchObject({ name: 'release', state: { type: 'running' } })
  expect(tutti.calls).toEqual(['built', 'kept'])
})

test('a run that was killed while it waited goes on with what it is given', async () => {
  const { child, ended } = await waiting()
  child.kill('SIGKILL')
  await ended

  const resumed = await tutti.run('flow-run', 'resume', 'release', '-q', '--input', '{"approved":true}')

  expect(resumed.code).toBe(0)
  expect(JSON.parse(resumed.stdout)).toEqual({ approved: true, by: 'somebody' })
  expect(tutti.calls).toEqual(['built', 'shipped'])
})

test('a cancellation reaches a run that waits for somebody, and one that sleeps', async () => {
  const paused = await waiting()
  const napping = tutti.start('run', `${file}:napping`, '-p', `folder=${tutti.folder}`, '--name', 'nap')
  await napping.printed('nap')
  const cancelled = await tutti.run('flow-run', 'cancel', 'release', 'nap')

  expect(cancelled.code).toBe(0)
  expect([(await paused.ended).code, (await napping.ended).code]).toEqual([130, 130])
})

test('a wait inside a sub-flow is seen at its root, and answered at the sub-flow run', async () => {
  const running = tutti.start('run', `${file}:outer`, '-p', `folder=${tutti.folder}`, '--name', 'root')
  await running.printed('waits for input')

  const shown = await tutti.run('flow-run', 'inspect', 'root')
  const asJson = await tutti.json('flow-run', 'inspect', 'root')
  const [child] = asJson['pausedSubFlowRuns'] as readonly { readonly id: string }[]
  await tutti.run('flow-run', 'resume', child?.id ?? '', '--input', 'approved=true')

  expect(shown.stdout).toMatch(/Waits for +sub-flow run .*Ship it\?/)
  expect((await running.ended).code).toBe(0)
  expect(tutti.calls).toEqual(['built', 'shipped'])
})

test('what waits for nothing takes no input', async () => {
  const running = await waiting()
  await tutti.run('flow-run', 'resume', 'release', '--input', 'approved=true')
  await running.ended

  const again = await tutti.run('flow-run', 'resume', 'release', '--input', 'approved=true')

  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('NOT_WAITING') as string })
})
