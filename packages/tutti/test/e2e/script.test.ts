import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Running } from './command.ts'
import { INHERITED } from './inherited.ts'

/** A user's own file, run with node and no command. */
function runScript(name: string): Running {
  const home = mkdtempSync(path.join(tmpdir(), 'tutti-e2e-'))
  const env = { ...INHERITED, HOME: home, TUTTI_HOME: path.join(home, 'home') }
  const file = path.join(import.meta.dirname, 'flows', name)
  const running = new Running(
    spawn(process.execPath, ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', file], { env }),
  )
  onTestFinished(() => {
    running.child.kill('SIGKILL')
    rmSync(home, { recursive: true, force: true })
  })
  return running
}

test('a script ends by itself when its run has ended, however long that took, and stdout is its own', async () => {
  const { code, stdout, stderr } = await runScript('lasting.ts').ended

  expect(code).toBe(0)
  expect(stdout).toBe('worked\n')
  expect(stderr).toMatch(/flow run \S+ of lasting \(\S+\) started\n.* Completed \S+ in .* 1 task \(1 called\)\n$/)
})

test('a run that its process leaves behind says why, once, and how to resume it', async () => {
  const { code, stderr } = await runScript('waiting-for-nothing.ts').ended

  expect(code).toBe(1)
  expect(stderr.match(/Crashed/g)).toHaveLength(1)
  expect(stderr).toMatch(/the event loop is empty, .*\n {4}Continue it with: tutti flow-run resume \S+\n$/)
})
