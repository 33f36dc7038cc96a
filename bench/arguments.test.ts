import { expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'

const names = ['W1', 'W2']

test('without arguments every workload is repeated five times and printed for people', () => {
  expect(parseArguments([], names)).toMatchObject({ json: false, only: [], repeats: 5 })
})

test('workloads can be named one by one or with commas', () => {
  expect(parseArguments(['--only', 'W1', '--only', 'W2'], names)).toMatchObject({ only: ['W1', 'W2'] })
  expect(parseArguments(['--only', 'W1, W2'], names)).toMatchObject({ only: ['W1', 'W2'] })
})

test('a workload that does not exist is answered with those that do', () => {
  expect(parseArguments(['--only', 'W9'], names)).toEqual({ problem: 'There is no workload named W9; there are: W1, W2.' })
})

test.each(['0', '2.5', 'many', '-1', ''])('%j is no number of repeats', (repeats) => {
  expect(parseArguments([`--repeats=${repeats}`], names)).toHaveProperty('problem')
})

test('an option that does not exist is named', () => {
  expect(parseArguments(['--fast'], names)).toMatchObject({ problem: expect.stringContaining('--fast') })
})
