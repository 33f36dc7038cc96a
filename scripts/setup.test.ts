import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let repository: string

/** A repository with one package to install, an npm that only writes down that it was asked, and a build that tells its arguments. */
beforeEach(() => {
  repository = mkdtempSync(path.join(tmpdir(), 'tutti-setup-'))
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(repository, file)), { recursive: true })
    writeFileSync(path.join(repository, file), text)
  }
  mkdirSync(path.join(repository, 'scripts'))
  cpSync(path.join(import.meta.dirname, 'setup.js'), path.join(repository, 'scripts', 'setup.js'))
  write('package.json', '{ "type": "module" }')
  write('package-lock.json', lockOf('1.0.0'))
  write('scripts/build.ts', `console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exitCode = 7\n`)
  write(
    'npm.js',
    `import { appendFileSync, cpSync, mkdirSync } from 'node:fs'
     appendFileSync('asked.txt', process.argv.slice(2).join(' ') + '\\n')
     mkdirSync('node_modules', { recursive: true })
     cpSync('package-lock.json', 'node_modules/.package-lock.json')`,
  )
})

afterEach(() => rmSync(repository, { recursive: true, force: true }))

const lockOf = (version: string): string =>
  JSON.stringify({
    packages: {
      '': {},
      'node_modules/left': { version, integrity: `sha512-${version}` },
      'node_modules/left-windows': { version, optional: true, os: ['win32'] },
    },
  })
const environment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  npm_execpath: path.join(repository, 'npm.js'),
  npm_node_execpath: process.execPath,
})
const command = (): string[] => [path.join(repository, 'scripts', 'setup.js'), 'build', '--one', 'two words']
const setup = (): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, command(), { env: environment(), encoding: 'utf8' })
const asked = (): string[] => {
  const file = path.join(repository, 'asked.txt')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

test('a fresh clone installs its packages with one line of output, then starts what was asked for', () => {
  const { status, stdout, stderr } = setup()

  expect(stderr).toBe('Installing packages (once, about a minute) …\n')
  expect(asked()).toEqual(['ci --ignore-scripts --no-audit --no-fund --loglevel=error'])
  expect(JSON.parse(stdout)).toEqual(['--one', 'two words'])
  expect(status).toBe(7)
})

test('packages that are in place are left alone', () => {
  setup()

  const { stderr } = setup()

  expect(stderr).toBe('')
  expect(asked()).toHaveLength(1)
})

test('packages are installed again when the lock file names another version', () => {
  setup()
  writeFileSync(path.join(repository, 'package-lock.json'), lockOf('1.0.1'))

  setup()

  expect(asked()).toHaveLength(2)
})

test('a package for another platform is not missed', () => {
  setup()
  writeFileSync(
    path.join(repository, 'node_modules', '.package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/left': { version: '1.0.0', integrity: 'sha512-1.0.0' } } }),
  )

  setup()

  expect(asked()).toHaveLength(1)
})

test('two that start at once install once, and both go on', async () => {
  const start = (): Promise<number | null> =>
    new Promise((resolve) => spawn(process.execPath, command(), { env: environment(), stdio: 'ignore' }).on('close', resolve))

  const codes = await Promise.all([start(), start()])

  expect(codes).toEqual([7, 7])
  expect(asked()).toHaveLength(1)
})

test('the lock of a process that died is taken over', () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  mkdirSync(path.join(repository, '.cache'))
  writeFileSync(path.join(repository, '.cache', 'setup.lock'), `${pid} left behind`)

  const { status } = setup()

  expect(status).toBe(7)
  expect(existsSync(path.join(repository, '.cache', 'setup.lock'))).toBe(false)
})

test('what npm says about a failed installation is shown', () => {
  writeFileSync(path.join(repository, 'npm.js'), `console.error('npm error no such registry')\nprocess.exitCode = 1\n`)

  const { status, stderr } = setup()

  expect(status).toBe(1)
  expect(stderr).toContain('npm error no such registry\nThe packages could not be installed')
})
