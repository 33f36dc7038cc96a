// The way into this repository: `node scripts/setup.js <what> [arguments]`, behind every npm script.
//
// It has to work right after `git clone`, before anything is installed and on an older Node than the one Tutti needs.
// So it keeps to plain JavaScript that Node 20 runs, installs what is missing, and hands over to the Node that the
// repository brings along from the npm registry.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const lockPath = path.join(root, '.cache', 'setup.lock')

/** What can be started. `shell` scripts need no packages. */
const programs = {
  demo: { file: 'examples/flights/demo.ts' },
  example: { file: 'scripts/example.ts' },
  test: { file: 'scripts/test.ts' },
  'test:crash': { file: 'packages/tutti/test/crash/random-kills.ts' },
  e2e: { file: 'scripts/e2e.ts' },
  screenshots: { file: 'packages/tutti/test/browser/screenshots.ts' },
  check: { file: 'scripts/check.ts' },
  format: { file: 'scripts/format.ts' },
  build: { file: 'scripts/build.ts' },
  bench: { file: 'bench/index.ts' },
  soak: { file: 'bench/soak/soak.ts' },
  chaos: { file: 'bench/chaos/chaos.ts' },
  'conformance:prefect': { file: 'scripts/conformance-prefect.ts' },
  'setup:test': { file: 'scripts/setup-test.sh', shell: true },
}

async function main([name, ...args]) {
  const program = name === undefined ? undefined : programs[name]
  if (program === undefined) return fail(`Say what to start: node scripts/setup.js <${Object.keys(programs).join(' | ')}> [arguments]`)
  if (program.shell) return start('bash', [path.join(root, program.file), ...args])
  if (!(await ensureInstalled())) return
  if (!existsSync(path.join(root, program.file)))
    return fail(`This version of the repository has no ${program.file}, which \`npm run ${name}\` would start.`)

  const node = findNode()
  if (node === undefined) {
    return fail(
      `Tutti needs Node 22.18 or newer, this is Node ${process.versions.node}, and no package brings one for ${process.platform} on ${process.arch}: install a current Node, then try again.`,
    )
  }
  // `npm run` puts node_modules/.bin first; whatever asks the path for `node` below this point gets this very one.
  process.env.PATH = path.dirname(node) + path.delimiter + (process.env.PATH ?? '')
  return start(node, ['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', path.join(root, program.file), ...args])
}

// ── Installing ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether the packages in `node_modules` are those the lock file names, whoever installed them. */
function isInstalled() {
  const wanted = readPackages(path.join(root, 'package-lock.json'))
  // npm writes this file last, so an installation that was cut short does not have it.
  const present = readPackages(path.join(root, 'node_modules', '.package-lock.json'))
  if (wanted === undefined || present === undefined) return false
  const isSame = (a, b) => a.version === b.version && a.integrity === b.integrity && a.link === b.link
  for (const [at, entry] of Object.entries(wanted)) {
    if (at === '') continue
    const found = present[at]
    // Packages for other platforms are named by the lock file and rightly absent.
    if (found === undefined ? !entry.optional && !entry.devOptional : !isSame(entry, found)) return false
  }
  return Object.keys(present).every((at) => wanted[at] !== undefined)
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

async function ensureInstalled() {
  if (isInstalled()) return true
  return withLock(async () => {
    // Another process may have installed while this one waited.
    if (isInstalled()) return true
    process.stderr.write('Installing packages (once, about a minute) …\n')
    const [command, ...prefix] = npmCommand()
    const installArgs = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    const { code, output } = await collect(command, [...prefix, ...installArgs])
    if (code === 0) return true
    fail(`${output.trimEnd()}\nThe packages could not be installed: see above what npm says, then try again.`)
    return false
  })
}

/** The npm that runs this script, or the one on the path. */
function npmCommand() {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  // `process.execPath` may lie in the folder that is about to be replaced; the Node that runs npm does not.
  if (npm !== undefined && /\.[cm]?js$/.test(npm)) return [node ?? process.execPath, npm]
  return process.platform === 'win32' ? ['cmd', '/c', 'npm'] : ['npm']
}

/** One installation at a time. The lock lies outside `node_modules`, which `npm ci` removes. */
async function withLock(body) {
  const mine = `${process.pid} ${Math.random()}`
  mkdirSync(path.dirname(lockPath), { recursive: true })
  for (let isTold = false; !(await takeLock(mine)); isTold = true) {
    if (!isTold)
      process.stderr.write(`Another process is installing the packages; waiting for it (if there is none, delete ${lockPath}) …\n`)
    await sleep(250)
  }
  try {
    return await body()
  } finally {
    if (readLock() === mine) rmSync(lockPath, { force: true })
  }
}

async function takeLock(mine) {
  const holder = readLock()
  if (holder !== undefined) {
    if (isHeld(holder)) return false
    rmSync(lockPath, { force: true })
  }
  try {
    writeFileSync(lockPath, mine, { flag: 'wx' })
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  // Two processes may have found the same abandoned lock, and one of them removed what the other had just written:
  // the last one to write holds it.
  if (holder !== undefined) await sleep(200)
  return readLock() === mine
}

function readLock() {
  try {
    return readFileSync(lockPath, 'utf8')
  } catch {
    return undefined
  }
}

/** Whether the process that wrote the lock still lives. An empty lock belongs to one that is about to write it. */
function isHeld(holder) {
  if (holder === '') return true
  try {
    process.kill(Number.parseInt(holder, 10), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

// ── Handing over ────────────────────────────────────────────────────────────────────────────────────────────────

/** The Node from `node_modules`, so that results are the same on every machine; else this one, when it is recent enough. */
function findNode() {
  const isWindows = process.platform === 'win32'
  const folder = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
  const carried = path.join(root, 'node_modules', folder, 'bin', isWindows ? 'node.exe' : 'node')
  if (existsSync(carried) && !isMusl()) return carried
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 18) ? process.execPath : undefined
}

/** The packages hold binaries for glibc; on musl (Alpine) they would not start. */
function isMusl() {
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined
}

/** Runs a program in the foreground: its output is ours, signals reach it, and its end becomes ours. */
function start(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
  const forward = (signal) => child.kill(signal)
  // A terminal sends Ctrl-C to every process of the group: passing it on would make it two.
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  process.on('SIGINT', isTerminal ? () => {} : forward)
  process.on('SIGTERM', forward)
  process.on('SIGHUP', forward)
  return new Promise((resolve) => {
    child.on('error', (error) => {
      fail(`Could not start ${command}: ${error.message}`)
      resolve()
    })
    child.on('exit', (code, signal) => {
      resolve()
      if (signal === null) {
        process.exitCode = code
        return
      }
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    })
  })
}

function collect(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const add = (chunk) => {
      output += chunk
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    child.on('error', (error) => resolve({ code: 1, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}

await main(process.argv.slice(2))
