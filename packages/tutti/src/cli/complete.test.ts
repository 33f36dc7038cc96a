import { expect, test } from 'vitest'
import { commonOptions } from './command.ts'
import type { OptionSpec } from './command.ts'
import { commandTable, groups } from './command-table.ts'
import { complete, formatCandidates } from './complete.ts'

async function words(...typed: readonly string[]): Promise<readonly string[]> {
  return (await complete(typed)).map(({ word }) => word)
}

test('the first word is a command or a noun', async () => {
  const all = await words('')

  expect(all).toEqual(expect.arrayContaining(['run', 'flow-run', 'config', 'completion']))
  expect(await words('fl')).toEqual(['flow-run', 'flow'])
})

test('behind a noun stand its commands', async () => {
  expect(await words('flow-run', 're')).toEqual(['resume', 'retry', 'rerun'])
})

test('options are offered once a dash is typed, those given before only when they may be repeated', async () => {
  expect(await words('flow-run', 'ls', '--s')).toEqual(['--state', '--since'])
  expect(await words('flow-run', 'ls', '--since', '2h', '--state', 'failed', '--s')).toEqual(['--state'])
})

test('values of options and arguments with choices are offered', async () => {
  expect(await words('flow-run', 'ls', '-s', 'c')).toEqual(['cancelling', 'completed', 'crashed', 'cancelled'])
  expect(await words('completion', '')).toEqual(['bash', 'zsh', 'fish'])
  expect(await words('config', 'set', 'dura')).toEqual(['durability'])
  expect(await words('config', 'set', 'durability', '')).toEqual(['normal', 'full'])
})

test('where a file or a name belongs nothing is offered, so that the shell offers files', async () => {
  expect(await words('run', '')).toEqual([])
  expect(await words('flow-run', 'ls', '--flow', '')).toEqual([])
})

test('fish shows what each word means', async () => {
  expect(formatCandidates('fish', await complete(['flow-run', 'del']))).toBe('delete\tDelete flow runs and all that belongs to them\n')
  expect(formatCandidates('bash', await complete(['flow-run', 'del']))).toBe('delete\n')
})

const commands = commandTable.map((entry) => [entry.words.join(' '), entry] as const)

test.each(commands)('%s can be loaded and says what its parts are for', async (_, { words: name, load, summary }) => {
  const command = await load()

  const docs = [summary, ...[...Object.values(command.arguments), ...Object.values(command.options)].map(({ doc }) => doc)]
  expect(docs).not.toContain('')
  expect(name.length === 1 || Object.hasOwn(groups, name[0])).toBe(true)
})

test.each(commands)('no two options of %s share a letter', async (_, { load }) => {
  const command = await load()

  const letters = Object.values({ ...command.options, ...commonOptions }).flatMap(({ short }: OptionSpec) =>
    short === undefined ? [] : [short],
  )
  expect(new Set(letters).size).toBe(letters.length)
})
