#!/usr/bin/env node
// Starts the command. This file is shipped as it stands and keeps to syntax that very old versions of Node can
// read, because its first duty is to tell them, in one sentence, what to do.
import * as childProcess from 'child_process'
import * as fs from 'fs'
import * as moduleApi from 'module'
import * as path from 'path'
import { fileURLToPath } from 'url'

const NEEDED = [22, 18]
const here = path.dirname(fileURLToPath(import.meta.url))

function isRecentEnough(version) {
  const parts = version.split('.').map(Number)
  return parts[0] > NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] >= NEEDED[1])
}

/** The Node that a repository of Tutti carries in its own `node_modules`, seen from this file. */
function findCarriedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const binary = path.join(
    'node_modules',
    'node-' + platform + '-' + process.arch,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  )
  for (let folder = here; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, binary)
    if (fs.existsSync(candidate)) return candidate
    if (path.dirname(folder) === folder) return null
  }
}

function fail(sentence) {
  process.stderr.write(sentence + '\n')
  process.exitCode = 1
}

/** Runs this same command with another Node; signals reach the child, and its end becomes ours. */
function runWith(binary) {
  const child = childProcess.spawn(binary, process.execArgv.concat(process.argv.slice(1)), { stdio: 'inherit' })
  const forward = function (signal) {
    child.kill(signal)
  }
  // A terminal sends Ctrl-C to every process of the group: passing it on would make it two.
  const isTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  process.on('SIGINT', isTerminal ? function () {} : forward)
  process.on('SIGTERM', forward)
  process.on('SIGHUP', forward)
  child.on('error', function (error) {
    fail('Tutti could not start ' + binary + ': ' + error.message)
  })
  child.on('exit', function (code, signal) {
    if (signal === null) {
      process.exitCode = code
      return
    }
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/** Node 22 calls its SQLite experimental at every start; Tutti is tested with it, so users have nothing to do about that. */
function hideExperimentalNotes() {
  const emitWarning = process.emitWarning
  process.emitWarning = function (warning, options) {
    const type = typeof options === 'object' && options !== null ? options.type : options
    if (type === 'ExperimentalWarning' && String(warning).indexOf('SQLite') === 0) return
    emitWarning.apply(process, arguments)
  }
}

function start() {
  const main = path.join(here, '..', 'dist', 'cli', 'main.js')
  if (!fs.existsSync(main)) return fail('This copy of Tutti is not built yet: run `npm run build` in its repository, then try again.')
  // Compiled code is kept between starts; embedders of Node may not have it.
  if (moduleApi.enableCompileCache !== undefined) moduleApi.enableCompileCache()
  hideExperimentalNotes()
  return import('../dist/cli/main.js')
}

if (isRecentEnough(process.versions.node)) {
  void start()
} else {
  const carried = findCarriedNode()
  if (carried !== null) runWith(carried)
  else
    fail(
      'Tutti needs Node ' +
        NEEDED.join('.') +
        ' or newer and this is Node ' +
        process.versions.node +
        ': install a current Node (https://nodejs.org), then try again.',
    )
}
