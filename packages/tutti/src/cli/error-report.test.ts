import { expect, test } from 'vitest'
import { TuttiError } from '../core/errors.ts'
import { printError } from './error-report.ts'
import { UsageError } from './usage-error.ts'

function print(error: unknown, options: { debug?: boolean; json?: boolean } = {}): { code: number; text: string } {
  let text = ''
  const to = { write: (part: string) => void (text += part), isTerminal: false, columns: undefined, colours: false, gone: false }
  const code = printError(to, error, { debug: false, json: false, ...options })
  return { code, text }
}

test('an error is told with its fix and its code, without a stack', () => {
  const { code, text } = print(new TuttiError('TASK_RUN_NOT_FOUND', 'no task run has the id 5'))

  expect(code).toBe(1)
  expect(text).toBe(
    'Error: no task run has the id 5\n  List the task runs of a flow run with `tutti task-run ls --flow-run ID`.\n  [TASK_RUN_NOT_FOUND]\n',
  )
})

test('what lies behind an error is told where it adds something', () => {
  const cause = new Error('disk is full', { cause: new Error('ENOSPC') })

  const { text } = print(new TuttiError('STORE_FAILED', 'the database cannot be written', { cause }))

  expect(text).toContain('  because: disk is full\n  because: ENOSPC\n')
})

test("of a file that could not be loaded the place is told, not Tutti's part of the way there", () => {
  const cause = new Error('boom')
  cause.stack = `Error: boom\n    at deep (/home/ada/flow.ts:3:9)\n    at run (node:internal/modules:1:2)\n    at load (${import.meta.dirname}/dispatch.ts:1:1)`

  const { text } = print(new TuttiError('ENTRYPOINT_FAILED', 'flow.ts could not be loaded: boom', { cause }))

  expect(text.split('\n').slice(0, 2)).toEqual(['Error: flow.ts could not be loaded: boom', '  at deep (/home/ada/flow.ts:3:9)'])
  expect(text).not.toContain('dispatch.ts')
})

test('a cause that the message repeats is not told twice', () => {
  const { text } = print(
    new TuttiError('STORE_FAILED', 'the database cannot be opened: no such module', { cause: new Error('no such module') }),
  )

  expect(text).not.toContain('because')
})

test('a wrong command line, and parameters that are refused, end with exit code 2', () => {
  expect(print(new UsageError('no option --x', 'See --help.'))).toEqual({ code: 2, text: 'Error: no option --x\n  See --help.\n' })
  expect(print(new TuttiError('INVALID_PARAMETERS', 'bad')).code).toBe(2)
})

test('the stack is shown on request, with those of the causes', () => {
  const { text } = print(new Error('outer', { cause: new Error('inner') }), { debug: true })

  expect(text).toMatch(/Error: outer\n +at /)
  expect(text).toMatch(/caused by Error: inner\n +at /)
})

test('an error nobody expected says how to learn more', () => {
  expect(print(new TypeError('x is not a function')).text).toContain('--debug')
})

test('programs get one line of JSON', () => {
  const { text } = print(new TuttiError('FLOW_RUN_NOT_FOUND', 'no such run'), { json: true })

  expect(JSON.parse(text)).toEqual({
    error: {
      code: 'FLOW_RUN_NOT_FOUND',
      message: 'no such run',
      fix: 'Check the id with `tutti flow-run ls`; finished runs are kept for the retention period only.',
      causes: [],
    },
  })
})
