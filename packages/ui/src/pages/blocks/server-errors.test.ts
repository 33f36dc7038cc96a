import { TuttiError } from 'tutti/client'
import { expect, test } from 'vitest'
import { errorsOfRefusal, nameProblem } from './server-errors.ts'

test('what the server refuses is told at its field', () => {
  expect(errorsOfRefusal(new TuttiError('ALREADY_EXISTS', 'there is a block secret/a already'))?.name).toContain('already')
  expect(
    errorsOfRefusal(new TuttiError('SERVER_REFUSED', 'the server answered 422: Invalid request received. body.name: name must be short'))
      ?.name,
  ).toBe('name must be short')
  expect(
    errorsOfRefusal(new TuttiError('BAD_REQUEST', 'the member login refers to the block document b, which it cannot'))?.fields,
  ).toHaveProperty('/login')
  expect(errorsOfRefusal(new TuttiError('SERVER_UNREACHABLE', 'away'))).toBeUndefined()
})

test('a name has lowercase letters, numbers and dashes', () => {
  expect(nameProblem('api-token-2')).toBeUndefined()
  expect(nameProblem('api_token')).toContain('Lowercase')
  expect(nameProblem('')).toContain('name')
})
