// `npm run check`: everything that can be said about the code without running it as a user would.
import { runNode } from './processes.ts'

interface Check {
  readonly name: string
  readonly args: readonly string[]
  /** What to do about a failure, in a few words. */
  readonly fix: string
}

const checks: readonly Check[] = [
  { name: 'format', args: ['node_modules/oxfmt/bin/oxfmt', '--check', '.'], fix: 'npm run format' },
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'], fix: 'see .oxlintrc.json for the rules' },
  {
    name: 'types',
    args: ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false'],
    fix: 'see tsconfig.base.json for the settings',
  },
  {
    name: 'types of the dashboard',
    args: ['node_modules/typescript/bin/tsc', '--project', 'packages/ui', '--pretty', 'false'],
    fix: 'see packages/ui/tsconfig.json for the settings',
  },
  { name: 'unused code', args: ['node_modules/knip/bin/knip.js', '--no-progress'], fix: 'delete it, or say in knip.json who uses it' },
  {
    name: 'architecture',
    args: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter', 'dot', 'packages/tutti/test/architecture.test.ts'],
    fix: 'the rules are in packages/tutti/test/architecture/',
  },
]

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !checks.some((check) => check.name === name))
if (unknown.length > 0) {
  console.error(`There is no check named ${unknown.join(', ')}; there are: ${checks.map((check) => check.name).join(', ')}.`)
  process.exit(1)
}

let failures = 0
for (const check of checks) {
  if (asked.length > 0 && !asked.includes(check.name)) continue
  const startedAt = performance.now()
  const { code, output } = await runNode(check.args)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  if (code === 0) {
    console.log(`ok      ${check.name} (${seconds} s)`)
    continue
  }
  failures += 1
  console.log(`${output.trim()}\nFAILED  ${check.name} (${seconds} s): ${check.fix}`)
}
if (failures > 0) console.log(`\n${failures === 1 ? 'One check' : `${failures} checks`} failed.`)
process.exitCode = failures > 0 ? 1 : 0
