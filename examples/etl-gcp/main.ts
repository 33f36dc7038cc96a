// `npm run example etl-gcp`: the whole pipeline against servers of this machine, and what it counted beside what others count.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { connect } from 'tutti'
import { openLocalCloud } from './local/cloud.ts'
import { countTrips } from './local/count.ts'
import { MONTHS, YEAR } from './local/web.ts'
import { nameOf } from './trips.ts'

const { values } = parseArgs({
  options: { months: { type: 'string' }, 'no-faults': { type: 'boolean' }, 'no-transform': { type: 'boolean' } },
})
const months = values.months?.split(',').map(Number) ?? [...MONTHS]
const startedAt = performance.now()
const folder = await mkdtemp(path.join(os.tmpdir(), 'tutti-etl-gcp-'))

try {
  await using cloud = await openLocalCloud({ folder })
  Object.assign(process.env, cloud.environment)
  const tutti = await connect({ home: path.join(folder, 'home') })
  await import('./blocks.ts')
  const { etlTrips } = await import('./flows.ts')

  // The web is busy, drops the line and is slow; storage and the warehouse have their moments too.
  if (values['no-faults'] !== true) {
    const [first = 1, second = first] = months
    cloud.web.fail({ path: `/${nameOf({ year: YEAR, month: first, colour: 'yellow' })}.csv.gz`, kind: 'busy', times: 2 })
    cloud.web.fail({ path: `/${nameOf({ year: YEAR, month: first, colour: 'green' })}.csv.gz`, kind: 'cut', times: 1 })
    cloud.web.fail({ path: `/${nameOf({ year: YEAR, month: second, colour: 'yellow' })}.csv.gz`, kind: 'slow', times: 1 })
    cloud.gcs.fail({ count: 2, match: '/upload/', status: 503 })
    cloud.bigquery.fail({ count: 1, match: 'POST .*/jobs', status: 503 })
  }
  const { rows, files } = await etlTrips({
    years: [YEAR],
    months,
    source: cloud.web.url,
    transform: values['no-transform'] !== true,
    notify: 'trips-webhook',
  })
  await tutti.close()

  const [counted, loaded] = await Promise.all([countTrips(months), cloud.loaded()])
  let isRight = rows === counted.reduce((sum, { kept }) => sum + kept, 0)
  console.log(`\n${'file'.padEnd(34)}${['read', 'counted', 'kept', 'counted', 'BigQuery'].map((title) => title.padStart(10)).join('')}`)
  for (const { file, read, kept } of counted) {
    const flowed = files.find((each) => each.file === file)
    const held = loaded.find((each) => each.file === file)?.loaded
    const isEqual = flowed?.read === read && flowed.kept === kept && held === kept
    isRight &&= isEqual
    const numbers = [flowed?.read, read, flowed?.kept, kept, held].map((number) => (number ?? 0).toLocaleString('en').padStart(10))
    console.log(`${file.padEnd(34)}${numbers.join('')}  ${isEqual ? '✓' : 'DIFFERENT'}`)
  }
  console.log(`\nnotified: ${cloud.webhook.texts.join(' · ')}`)
  const asked = cloud.web.requests.map(({ answer }) => answer)
  const odd = (['busy', 'cut', 'slow'] as const).map((kind) => `${asked.filter((answer) => answer === kind).length} ${kind}`)
  console.log(`the web was asked ${asked.length} times: ${odd.join(', ')}`)
  console.log(
    `${rows.toLocaleString('en')} rows in ${((performance.now() - startedAt) / 1000).toFixed(1)} s: ${isRight ? 'all counts are equal' : 'counts differ'}`,
  )
  if (!isRight) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
