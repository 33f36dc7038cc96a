import { expect, test } from 'vitest'
import { defineCommand, flagOf, jsonOption, nameOfFlag } from './command.ts'
import { parseInput } from './parse.ts'
import { UsageError } from './usage-error.ts'

const sample = defineCommand({
  arguments: { file: { doc: 'a file' }, more: { doc: 'more files', many: true, optional: true } },
  options: {
    level: { value: 'LEVEL', choices: ['low', 'high'], doc: 'how much' },
    tag: { short: 't', value: 'TAG', repeatable: true, doc: 'a tag' },
    limit: { short: 'n', value: 'NUMBER', parse: positive, doc: 'how many' },
    resume: { value: 'RUN', valueOptional: true, doc: 'go on' },
    dryRun: { doc: 'change nothing' },
    json: jsonOption,
  },
  examples: [],
  run: async () => 0,
})

function positive(text: string): number {
  const number = Number(text)
  if (!(number > 0)) throw new UsageError(`'${text}' is not above 0`, 'Give more.')
  return number
}

const parse = (...args: readonly string[]): ReturnType<typeof parseInput> => parseInput('sample', sample, args)

test('options that are not given have their empty value', () => {
  expect(parse('a.ts')).toEqual({
    arguments: { file: 'a.ts', more: [] },
    options: { level: undefined, tag: [], limit: undefined, resume: undefined, dryRun: false, json: false },
    help: false,
    debug: false,
  })
})

test('options are read in every usual spelling, before and after arguments', () => {
  const { arguments: given, options } = parse('--level=low', 'a.ts', '-t', 'x', '--tag', 'y', '-n5', '--dry-run', 'b.ts', 'c.ts')

  expect(given).toEqual({ file: 'a.ts', more: ['b.ts', 'c.ts'] })
  expect(options).toMatchObject({ level: 'low', tag: ['x', 'y'], limit: 5, dryRun: true })
})

test('a value that may be left out is true without one', () => {
  expect(parse('a.ts', '--resume').options['resume']).toBe(true)
  expect(parse('a.ts', '--resume', 'otter').options['resume']).toBe('otter')
})

test('what stands behind -- is an argument, whatever it looks like', () => {
  expect(parse('--', '--level').arguments).toEqual({ file: '--level', more: [] })
})

test('help may be asked for without the arguments', () => {
  expect(parse('--help').help).toBe(true)
  expect(parse('-h').help).toBe(true)
})

test.each([
  [[], 'tutti sample needs FILE: a file'],
  [['a.ts', '--levle', 'low'], 'tutti sample has no option --levle; did you mean --level?'],
  [['a.ts', '--zzz'], 'tutti sample has no option --zzz'],
  [['a.ts', '--level', 'hihg'], "--level cannot be 'hihg'; did you mean high?"],
  [['a.ts', '--level'], '--level needs a value'],
  [['a.ts', '-n', '0'], "--limit: '0' is not above 0"],
])('a mistake is told: %j', (args, message) => {
  expect(() => parse(...args)).toThrow(message)
})

test('the first argument beyond those declared is refused', () => {
  const none = defineCommand({ arguments: {}, options: { json: jsonOption }, examples: [], run: async () => 0 })

  expect(() => parseInput('none', none, ['--json', 'a', 'b'])).toThrow('tutti none takes no argument a')
})

test('a parameter without its option is told how it is given', () => {
  const command = defineCommand({
    arguments: { file: { doc: 'a file' } },
    options: { param: { value: 'NAME=VALUE', repeatable: true, doc: 'a parameter' } },
    examples: [],
    run: async () => 0,
  })

  expect(() => parseInput('run', command, ['a.ts', 'n=2'])).toThrow(
    expect.objectContaining({ message: 'tutti run takes no argument n=2', fix: 'A parameter is given as --param n=2' }),
  )
})

test('names in code and flags in a terminal belong together', () => {
  expect(flagOf('idempotencyKey')).toBe('--idempotency-key')
  expect(nameOfFlag('--idempotency-key')).toBe('idempotencyKey')
})
