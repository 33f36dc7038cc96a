import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { hasColours } from './screen.ts'

test('a terminal has colours, a file has none', () => {
  expect(hasColours(true, {})).toBe(true)
  expect(hasColours(false, {})).toBe(false)
  expect(hasColours(true, { TERM: 'dumb' })).toBe(false)
})

test('NO_COLOR takes them away, whatever its value, unless it is empty', () => {
  expect(hasColours(true, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false)
  expect(hasColours(true, { NO_COLOR: '' })).toBe(true)
})

test('FORCE_COLOR gives them to a file, and 0 takes them away', () => {
  expect(hasColours(false, { FORCE_COLOR: '1' })).toBe(true)
  expect(hasColours(true, { FORCE_COLOR: '0' })).toBe(false)
})

const SCREEN = new URL('screen.ts', import.meta.url).href

test('a reader that went away does not end the process', async () => {
  const code = `
    import { once } from 'node:events'
    import { setImmediate as turn } from 'node:timers/promises'
    import { processScreen } from ${JSON.stringify(SCREEN)}
    const screen = processScreen({})
    await once(process.stdin, 'data')
    for (let line = 0; line < 100; line++) { screen.out('a line\\n'); await turn() }
    screen.err('went on')
    process.stdin.destroy()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code])
  const err = text(child.stderr)

  child.stdout.destroy()
  await once(child.stdout, 'close')
  child.stdin.write('the reader is gone')
  const [exitCode] = await once(child, 'close')

  expect({ exitCode, err: await err }).toEqual({ exitCode: 0, err: 'went on' })
})
