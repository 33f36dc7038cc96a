import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runBounded } from './bounded.ts'

test('a program that ends in time gives its exit status and all it printed', async () => {
  const end = await runBounded(process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exitCode = 3'], {
    secondsMax: 20,
  })

  expect(end.code).toBe(3)
  expect(end.output.trim().split('\n').toSorted()).toEqual(['err', 'out'])
})

test('a program that takes too long ends without an exit status, and what it started ends with it', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bounded-'))
  const file = path.join(folder, 'written-by-the-child')
  const child = `setTimeout(() => require("fs").writeFileSync(${JSON.stringify(file)}, ""), 3000)`
  const parent = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" }); console.log("started")`

  const end = await runBounded(process.execPath, ['-e', parent], { secondsMax: 1 })

  // Its output ends when the last process that holds it has ended: had the child lived on, the file would be there.
  const isWritten = existsSync(file)
  rmSync(folder, { recursive: true })
  expect(end.code).toBeNull()
  expect(isWritten).toBe(false)
})

test('a program that is not there is told of', async () => {
  const { code, output } = await runBounded('no-such-program-anywhere', [], { secondsMax: 5 })

  expect(code).toBe(1)
  expect(output).toContain('ENOENT')
})
