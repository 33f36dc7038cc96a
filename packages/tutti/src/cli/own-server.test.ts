import { expect, test } from 'vitest'
import { start } from './commands/server-start.ts'
import { parseInput } from './parse.ts'

test.each([
  [['--port', '99999'], "--port: '99999' is not a port"],
  [['--port', 'http'], "--port: 'http' is not a port"],
  [['--port', '80.5'], "--port: '80.5' is not a port"],
  [['--database-url', 'mysql://a/b'], '--database-url: it must be file:PATH, as in file:/data/tutti.db, or postgres://…'],
])('%j is refused before anything is opened', (args, message) => {
  expect(() => parseInput('server start', start, args)).toThrow(message)
})

test('port 0 stands for any that is free', () => {
  expect(parseInput('server start', start, ['--port=0']).options).toMatchObject({ port: 0 })
})
