// The smallest proof that Tutti works on the Node it is started with, meant for the oldest one that is supported:
// a flow of two tasks runs, is recorded, and gives its result. Plain code, since test runners may want a newer Node.
import { strictEqual } from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const home = mkdtempSync(path.join(tmpdir(), 'tutti-smoke-'))
process.env['TUTTI_HOME'] = home
// What follows a run, like the deletion of old ones, still needs the home.
process.once('exit', () => rmSync(home, { recursive: true, force: true }))

const { flow, task } = await import('tutti')
let attempts = 0
const unreliable = task({ name: 'unreliable', retries: 1, retryDelay: 1 }, (value: number) => {
  attempts += 1
  if (attempts === 1) throw new Error('the first attempt fails')
  return value + 1
})
const double = task({ name: 'double' }, (value: number) => value * 2)
const smoke = flow({ name: 'smoke' }, async ({ value }: { value: number }) => double(await unreliable(value)))

const future = smoke({ value: 20 })

strictEqual(await future, 42)
strictEqual((await future.state()).type, 'completed')
strictEqual(attempts, 2)
strictEqual(existsSync(home) && readdirSync(home).length > 0, true)
console.log(`A flow of two tasks ran on Node ${process.versions.node}.`)
