import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder: string

/** An installed copy of the package, with nothing in it but the file under test. */
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'tutti-bin-'))
  mkdirSync(path.join(folder, 'bin'))
  cpSync(path.join(import.meta.dirname, '..', 'bin', 'tutti.js'), path.join(folder, 'bin', 'tutti.js'))
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    path.join(folder, 'older.cjs'),
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.0' } })`,
  )
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** @param older - a Node that says it is 20.11. */
function start(older: 'older' | 'current', args: readonly string[] = []): { status: number | null; stdout: string; stderr: string } {
  const flags = older === 'older' ? ['--require', path.join(folder, 'older.cjs')] : []
  return spawnSync(process.execPath, [...flags, path.join(folder, 'bin', 'tutti.js'), ...args], { encoding: 'utf8' })
}

function build(text: string): void {
  mkdirSync(path.join(folder, 'dist', 'cli'), { recursive: true })
  writeFileSync(path.join(folder, 'dist', 'cli', 'main.js'), text)
}

test('an older Node is refused in one sentence that says what to do', () => {
  build('')

  expect(start('older')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'Tutti needs Node 22.18 or newer and this is Node 20.11.0: install a current Node (https://nodejs.org), then try again.\n',
  })
})

test('a copy that is not built says how to build it', () => {
  expect(start('current')).toMatchObject({
    status: 1,
    stderr: 'This copy of Tutti is not built yet: run `npm run build` in its repository, then try again.\n',
  })
})

test('a recent Node starts the command', () => {
  build('console.log(process.argv.slice(2).join())\nprocess.exitCode = 3')

  expect(start('current', ['run', 'flow.ts'])).toMatchObject({ status: 3, stdout: 'run,flow.ts\n', stderr: '' })
})

test('the note of Node 22 that its SQLite is experimental is not shown, other warnings are', () => {
  build(`process.emitWarning('SQLite is an experimental feature', 'ExperimentalWarning')\nprocess.emitWarning('look out')`)

  const { stderr } = start('current')

  expect(stderr).toContain('look out')
  expect(stderr).not.toContain('SQLite')
})

test('an older Node hands over to the one the repository carries, with arguments and exit code', () => {
  const carried = path.join(folder, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin')
  mkdirSync(carried, { recursive: true })
  writeFileSync(path.join(carried, 'node'), `#!/bin/sh\nshift $(($# - 2))\necho "carried $*"\nexit 5\n`)
  chmodSync(path.join(carried, 'node'), 0o755)

  expect(start('older', ['run', 'flow.ts'])).toMatchObject({ status: 5, stdout: 'carried run flow.ts\n', stderr: '' })
})
