// `npm test [-- --require-all] [-- --suite NAME] [-- FILE …]`: runs every suite whose parts are present, says which were
// left out and how to get their parts, and ends with one line: `N passed, N failed`.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root, runNode } from './processes.ts'
import { missingPart, suites, type Suite } from './suites.ts'
import { readCount, total, type Count } from './test-count.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'require-all': { type: 'boolean', default: false }, suite: { type: 'string', multiple: true } },
})

const chosen = values.suite === undefined ? suites : suites.filter((suite) => values.suite?.includes(suite.name))
if (chosen.length === 0) {
  console.error(`There is no such suite; there are: ${suites.map((suite) => suite.name).join(', ')}.`)
  process.exit(1)
}

// Hundreds of processes start from the sources: what they compile is kept for the next one.
process.env['NODE_COMPILE_CACHE'] ??= path.join(root, 'node_modules', '.cache', 'test', 'compiled')

const counts: Count[] = []
const leftOut: string[] = []
for (const suite of chosen) {
  const missing = missingPart(suite)
  if (missing !== undefined) {
    leftOut.push(`${suite.name}: left out, ${missing}`)
    // What is required and absent is a failure, told as one.
    if (values['require-all']) counts.push({ passed: 0, failed: 1 })
    continue
  }
  // A script has no files to choose from.
  if (suite.run.type === 'script' && positionals.length > 0) continue
  counts.push(
    suite.run.type === 'script' ? await runScript(suite, suite.run.node, suite.run.file) : await runVitest(suite, suite.run.filesAtOnce),
  )
}

const sum = total(counts)
if (leftOut.length > 0) console.log(`\n${leftOut.join('\n')}`)
console.log(`\n${sum.passed} passed, ${sum.failed} failed`)
process.exitCode = sum.failed > 0 ? 1 : 0

async function runVitest(suite: Suite, filesAtOnce: number | undefined): Promise<Count> {
  const report = path.join(root, 'node_modules', '.cache', 'test', `${suite.name}-${process.pid}.json`)
  mkdirSync(path.dirname(report), { recursive: true })
  const reporters = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', report]
  console.log(`\n── ${suite.name} ──`)
  const vitest = ['--conditions=tutti-source', 'node_modules/vitest/vitest.mjs', 'run', '--project', suite.name, '--passWithNoTests']
  if (filesAtOnce !== undefined) vitest.push('--maxWorkers', String(filesAtOnce))
  const { code } = await runNode([...vitest, ...reporters, ...positionals], { show: true })
  try {
    return readCount(readFileSync(report, 'utf8'), code)
  } catch (error) {
    console.error(`${suite.name}: the runner left no report: ${String(error)}`)
    return { passed: 0, failed: 1 }
  } finally {
    rmSync(report, { force: true })
  }
}

async function runScript(suite: Suite, node: string, file: string): Promise<Count> {
  console.log(`\n── ${suite.name} ──`)
  const { code } = await runNode(['--conditions=tutti-source', '--disable-warning=ExperimentalWarning', file], {
    binary: path.join(root, node),
    show: true,
  })
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}
