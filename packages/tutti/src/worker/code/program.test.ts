import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { systemClock } from '../../system/clock.ts'
import { runProgram } from './program.ts'

/** What a program that writes this to its output is told to have written. */
async function told(output: string): Promise<string> {
  const call = {
    command: process.execPath,
    args: ['-e', `process.stdout.write(${output})`],
    folder: tmpdir(),
    environment: {},
    timeoutMs: 30_000,
  }
  const end = await runProgram(call, systemClock(), new AbortController().signal)
  return end.type === 'ended' ? end.stdout : ''
}

test('what a program writes is told as it is', async () => {
  expect(await told("'one\\ntwo'")).toBe('one\ntwo')
})

test('of a program that writes too much the last whole lines are told', async () => {
  expect(await told("'secret '.repeat(200_000) + '\\nlast'")).toBe('last')
})

test('of one endless line nothing is told: half of a secret could begin it', async () => {
  expect(await told("'secret '.repeat(200_000)")).toBe('')
})
