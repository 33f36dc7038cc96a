// `npm run bench -- [--json] [--only NAME] [--repeats N] [--path FOLDER]`: measures what Tutti promises to be fast at.
// Ends with 1 when a workload takes more than its share of times its floor, with 2 when it could not be measured.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { parseArguments } from './arguments.ts'
import type { BenchArguments } from './arguments.ts'
import { isInMemory, readEnvironment } from './environment.ts'
import type { Measurement, Sample } from './measurement.ts'
import { jsonReport, tableReport } from './report.ts'
import { summarize } from './summary.ts'
import { workloads } from './workloads/index.ts'

const parsed = parseArguments(
  process.argv.slice(2),
  workloads.map(({ name }) => name),
)
if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n`)
  process.exitCode = 2
} else {
  process.exitCode = await main(parsed)
}

async function main(args: BenchArguments): Promise<number> {
  mkdirSync(args.path, { recursive: true })
  const folder = mkdtempSync(path.join(path.resolve(args.path), 'run-'))
  removeAtEnd(folder)
  const environment = readEnvironment(folder)
  const report = (args.json ? jsonReport : tableReport)((line) => process.stdout.write(`${line}\n`))
  report.environment(environment)
  if (isInMemory(environment)) process.stderr.write(`${folder} lies in memory, not on a disk: name a folder on a disk with --path.\n`)

  const chosen = workloads.filter(({ name }) => args.only.length === 0 || args.only.includes(name))
  let code = 0
  for (const workload of chosen) {
    const measurements: Measurement[] = []
    const tell = ({ of, ...sample }: Sample): void => {
      const names = of === 'floor' ? { workload: 'floor', of: workload.name } : { workload: workload.name }
      const { node, version } = environment
      const measurement: Measurement = { ...names, mode: 'embedded', ...sample, path: folder, node, version }
      measurements.push(measurement)
      report.measurement(measurement)
    }
    try {
      await workload.measure({ folder, repeats: args.repeats, tell })
    } catch (error) {
      process.stderr.write(`${workload.name} could not be measured: ${error instanceof Error ? error.message : String(error)}\n`)
      code = 2
    }
    const summaries = summarize(measurements)
    report.summaries(workload, summaries)
    if (summaries.some(({ within }) => within === false)) code ||= 1
  }
  report.end(code)
  return code
}

/** Whatever ends this process takes the databases along; `runChild` ends the processes that write them. */
function removeAtEnd(folder: string): void {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  // Nobody reads any more: `npm run bench -- --json | head`.
  process.stdout.once('error', () => process.exit(2))
}
