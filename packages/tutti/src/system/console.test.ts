import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const CONSOLE = new URL('console.ts', import.meta.url).href

/** What a process of its own prints that runs the script: `console` belongs to the whole process. */
async function printed(script: string): Promise<{ readonly out: string; readonly err: string }> {
  const code = `import { captureConsole } from ${JSON.stringify(CONSOLE)}\n${script}`
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])
  return { out: stdout, err: stderr }
}

test('lines that belong to a run are taken with their level, and are not printed', async () => {
  const { out, err } = await printed(`
    const taken = []
    captureConsole((level, args) => taken.push([level, ...args]) > 0)
    console.debug('a'); console.log('b', 2); console.info('c'); console.warn('d'); console.error('e')
    process.stdout.write(JSON.stringify(taken))`)

  expect(JSON.parse(out)).toEqual([
    [10, 'a'],
    [20, 'b', 2],
    [20, 'c'],
    [30, 'd'],
    [40, 'e'],
  ])
  expect(err).toBe('')
})

test('lines that belong to none are printed as usual', async () => {
  const { out, err } = await printed(`
    captureConsole(() => false)
    console.log('to %s', 'stdout'); console.error('to stderr')`)

  expect({ out, err }).toEqual({ out: 'to stdout\n', err: 'to stderr\n' })
})

test('a second capture takes the place of the first: a line is told once', async () => {
  const { out } = await printed(`
    const first = [], second = []
    captureConsole((_, args) => first.push(args) > 0)
    captureConsole((_, args) => second.push(args) > 0)
    console.log('once')
    process.stdout.write(JSON.stringify({ first, second }))`)

  expect(JSON.parse(out)).toEqual({ first: [], second: [['once']] })
})
