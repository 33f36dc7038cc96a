import { expect, test } from 'vitest'
import { culprits } from './culprits.ts'

function task(id: string, type: string, message: string | null, second: number) {
  return { id, state_type: type, state_message: message, state_timestamp: `2026-01-01T00:00:0${second}Z` }
}

const ids = (tasks: readonly { readonly id: string }[]): readonly string[] => tasks.map(({ id }) => id)

test('the task that said what the run says is named, not others that failed and were caught', () => {
  const tasks = [task('caught', 'FAILED', 'not there', 5), task('guilty', 'FAILED', 'card declined', 3), task('good', 'COMPLETED', null, 4)]

  expect(ids(culprits(tasks, 'card declined'))).toEqual(['guilty'])
})

test('where nobody said it, all that failed are named, the last one first', () => {
  expect(ids(culprits([task('first', 'FAILED', 'a', 1), task('last', 'CRASHED', 'b', 2)], 'something else'))).toEqual(['last', 'first'])
})
