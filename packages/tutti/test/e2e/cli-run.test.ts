import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommandLine, flows } from './command.ts'

let tutti: CommandLine

beforeEach(() => {
  tutti = new CommandLine()
})

afterEach(() => tutti.close())

function openGate(): void {
  writeFileSync(path.join(tutti.folder, 'gate'), '')
}

const folder = (): string => `folder=${tutti.folder}`

test('a flow of a file runs with parameters from the command line, and its result is printed', async () => {
  openGate()

  const { code, stdout } = await tutti.run('run', `${flows}:steps`, '--param', folder(), '--param', 'count=2', '--name', 'first', '--quiet')

  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toEqual({ doubled: [2, 4] })
  expect(tutti.calls).toEqual(['double 1', 'double 2', 'hold'])
})

test('what is printed on a pipe names the run and its id', async () => {
  openGate()

  const { stdout, stderr } = await tutti.run('run', `${flows}:steps`, '-p', folder(), '--name', 'first')

  const { items } = await tutti.json('flow-run', 'ls')
  expect(items).toMatchObject([{ name: 'first', state: { type: 'completed' }, tags: ['test'] }])
  expect(stdout + stderr).toContain('first')
  expect(stdout + stderr).toContain((items as { id: string }[])[0]?.id)
})

test('--json prints one object per line, the last one is the outcome', async () => {
  openGate()

  const { code, stdout } = await tutti.run('run', `${flows}:steps`, '-p', folder(), '--tag', 'nightly', '--json')

  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  expect(code).toBe(0)
  expect(lines.length).toBeGreaterThan(3)
  expect(lines.at(-1)).toMatchObject({
    type: 'outcome',
    state: { type: 'completed', name: 'Completed' },
    result: { doubled: [2, 4, 6] },
    error: null,
    exitCode: 0,
  })
})

test('parameters come from a file or the standard input, and single ones change them', async () => {
  openGate()
  const file = path.join(tutti.folder, 'parameters.json')
  writeFileSync(file, JSON.stringify({ folder: tutti.folder, count: 5 }))

  const fromFile = await tutti.run('run', `${flows}:steps`, '--params', file, '--param', 'count=1', '-q')
  const piped = tutti.start('run', `${flows}:steps`, '--params', '-', '-q')
  piped.child.stdin?.end(JSON.stringify({ folder: tutti.folder, count: 2 }))

  expect(JSON.parse(fromFile.stdout)).toEqual({ doubled: [2] })
  expect(JSON.parse((await piped.ended).stdout)).toEqual({ doubled: [2, 4] })
})

test('a failed run ends with exit code 1, and retry runs only what failed', async () => {
  const failed = await tutti.run('run', `${flows}:failing`, '-p', folder(), '--name', 'fails')
  openGate()
  const retried = await tutti.run('flow-run', 'retry', 'fails', '-q')

  expect(failed.code).toBe(1)
  expect(failed.stdout + failed.stderr).toContain('the gate is shut')
  expect(retried).toMatchObject({ code: 0, stdout: '"through"\n' })
  expect(tutti.calls).toEqual(['double 1', 'fragile', 'fragile'])
})

test('refused parameters are named, nothing runs, and the exit code is 2', async () => {
  const mistyped = await tutti.run('run', `${flows}:steps`, '-p', folder(), '-p', 'cuont=2')
  const wrong = await tutti.run('run', `${flows}:steps`, '-p', folder(), '-p', 'count=many')

  expect(mistyped).toMatchObject({ code: 2, stdout: '' })
  expect(mistyped.stderr).toContain('no parameter cuont; did you mean count?')
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('count')
  expect(await tutti.json('flow-run', 'ls')).toEqual({ items: [], cursor: null })
})

test('a file that is not there, and a file with several flows, are explained', async () => {
  const missing = await tutti.run('run', 'nowhere.ts')
  const several = await tutti.run('run', flows)

  expect(missing).toMatchObject({ code: 2, stdout: '' })
  expect(missing.stderr).toContain('there is no file nowhere.ts')
  expect(several.code).toBe(2)
  expect(several.stderr).toContain(':stubborn')
})

test('an idempotency key returns the result of the first run', async () => {
  openGate()

  await tutti.run('run', `${flows}:steps`, '-p', folder(), '--idempotency-key', 'today', '-q')
  const again = await tutti.run('run', `${flows}:steps`, '-p', folder(), '--idempotency-key', 'today', '-q')

  expect(again.code).toBe(0)
  expect(JSON.parse(again.stdout)).toEqual({ doubled: [2, 4, 6] })
  expect(again.stderr).toContain('had already ended as Completed')
  expect(tutti.calls).toHaveLength(4)
})

test('a run that waits for what can never happen is recorded as crashed, and the command ends', async () => {
  const { code, stderr } = await tutti.run('run', `${flows}:stuck`)

  expect(code).toBe(1)
  expect(stderr).toContain('can never happen')
  expect((await tutti.json('flow-run', 'ls'))['items']).toMatchObject([{ state: { type: 'crashed' } }])
})
