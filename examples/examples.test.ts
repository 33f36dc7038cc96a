import { spawn } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const examples = (await readdir(import.meta.dirname)).filter((name) => existsSync(join(import.meta.dirname, name, 'output.txt')))

/** What the example prints by itself; progress and logs are on the other stream. */
async function printed(example: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'tutti-example-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const args = ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', join(import.meta.dirname, example, 'flow.ts')]
  const child = spawn(process.execPath, args, { env: { ...process.env, TUTTI_HOME: home }, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect(code).toBe(0)
  return out
}

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(5)
})

test.each(examples)('the example %s prints its output.txt', async (example) => {
  expect(await printed(example)).toBe(await readFile(join(import.meta.dirname, example, 'output.txt'), 'utf8'))
})
