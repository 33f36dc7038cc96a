// A process of its own for one variant of one workload over a database or a server that somebody else has started.
import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { connect } from 'tutti'
import type { Sample } from './measurement.ts'
import { percentile, round } from './statistics.ts'
import { flowWorkloads } from './workloads/flow-workloads.ts'

const [name, variantIndex, repeats, folder, place, url] = process.argv.slice(2) as [string, string, string, string, Place, string] // measure-connected.ts starts this
type Place = 'database' | 'server'

const variant = flowWorkloads.find((candidate) => candidate.name === name)?.variants[Number(variantIndex)]
if (variant === undefined) throw new Error(`there is no variant ${variantIndex} of ${name}`)
// As somebody would who starts a script.
process.env[place === 'server' ? 'TUTTI_API_URL' : 'TUTTI_DATABASE_URL'] = url

for (let repeat = 0; repeat <= Number(repeats); repeat++) {
  const home = path.join(folder, `repeat-${repeat}`)
  mkdirSync(home)
  const tutti = await connect({ home, print: false })
  const { totalMs, latenciesUs } = await variant.run(tutti)
  const rss = process.memoryUsage.rss()
  await tutti.close()
  rmSync(home, { recursive: true, force: true })
  const sample: Sample = {
    of: 'workload',
    case: variant.case === undefined ? name : `${name} ${variant.case}`,
    repeat,
    n: variant.n,
    total_ms: round(totalMs, 2),
    per_second: round((variant.n / totalMs) * 1000, 0),
    ...(latenciesUs === undefined ? {} : { p50_us: round(percentile(latenciesUs, 0.5)), p99_us: round(percentile(latenciesUs, 0.99)) }),
    rss_mb: round(rss / 2 ** 20),
  }
  process.send?.(sample)
}
