// What a small company runs: the flows behind the pictures of the dashboard and the tests of its pages.
import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { artifact, log, run, sleep, task, flow, waitForInput } from 'tutti'
import { z } from 'zod'

const folder = process.env['STORY_FOLDER'] ?? '.'

const listPartitions = task({ name: 'list-partitions' }, async (day: string) => {
  log.info(`looking for partitions of ${day}`)
  return Array.from({ length: 12 }, (_, hour) => `trips/${day}/part-${String(hour).padStart(2, '0')}.parquet`)
})

const download = task({ name: 'download', retries: 3, retryDelay: '300ms' }, async (file: string) => {
  await sleepMs(40 + (file.length % 7) * 25)
  if (file.endsWith('part-03.parquet') && run().attempt < 3) throw new Error(`503 from the bucket for ${file}: slow down`)
  log.debug(`got ${file}`)
  return { file, rows: 18_000 + file.length * 13 }
})

const clean = task({ name: 'clean' }, async ({ file, rows }: { readonly file: string; readonly rows: number }) => {
  await sleepMs(90 + (rows % 11) * 12)
  if (rows % 5 === 0) log.warn(`${file}: 12 rows without a passenger count were dropped`)
  return rows - 12
})

const exchangeRates = task({ name: 'exchange-rates', cache: { by: 'inputs', expires: '7d' } }, async (currency: string) => {
  await sleepMs(60)
  return { currency, rate: 1.08 }
})

const load = task({ name: 'load' }, async (rows: readonly number[], rate: number) => {
  await sleepMs(350)
  const total = rows.reduce((sum, each) => sum + each, 0)
  log.info(`loaded ${total} rows at a rate of ${rate}`)
  const progress = await artifact.progress({ key: 'load-progress', description: 'Rows loaded' })
  await progress.update(68.5)
  return { table: 'warehouse.trips', rows: total }
})

const publish = task({ name: 'publish' }, async (table: string) => {
  await sleepMs(50)
  return `https://reports.example.com/${table}`
})

const report = flow({ name: 'trip-report', description: 'The numbers of one day, for the people of operations.' }, async (day: string) => {
  const page = await publish(`trips-${day}`)
  log.info(`published ${page}`)
  await artifact.markdown({
    key: 'trips-report',
    description: 'What was loaded',
    text: '# Trips of the day\n\n**192,484** trips, 12 files, *no gaps*.\n\n| check | result |\n|---|---|\n| rows | ok |\n| nulls | 0.4 % |\n\n- [warehouse](https://example.com)\n',
  })
  await artifact.table({
    key: 'trips-by-borough',
    description: 'Trips and fares',
    rows: [
      { borough: 'Manhattan', trips: 148_201, fares: 2_911_402.5 },
      { borough: 'Queens', trips: 31_877, fares: 1_204_551.25 },
      { borough: 'Brooklyn', trips: 12_406, fares: 301_220 },
    ],
  })
  await artifact.link({ key: 'dashboard', description: 'Where to look', url: 'https://example.com/dashboard', text: 'Warehouse dashboard' })
  return page
})

export const tripsEtl = flow(
  {
    name: 'trips-etl',
    description: 'Taxi trips of a day: from the bucket, cleaned, into the warehouse.',
    parameters: z.object({
      day: z.iso.date().describe('The day whose trips are loaded'),
      currency: z.enum(['EUR', 'USD', 'CHF']).default('EUR').describe('Fares are converted to it'),
      mode: z.enum(['append', 'replace']).default('append'),
      partitions: z.int().min(1).max(24).default(12).describe('How many files are loaded'),
      notify: z.array(z.email()).default([]).describe('Who is told when it is done'),
      thresholds: z.object({ minRows: z.int().default(1000), maxNullShare: z.number().min(0).max(1).default(0.02) }).prefault({}),
    }),
    tags: ['etl', 'nightly'],
  },
  async ({ day, currency, partitions }) => {
    const files = (await listPartitions(day)).slice(0, partitions)
    const rate = await exchangeRates(currency)
    const downloaded = await Promise.all(files.map((file) => download(file)))
    const rows = await Promise.all(downloaded.map((each) => clean(each)))
    const loaded = await load(rows, rate.rate)
    await report(day)
    return loaded
  },
)

const charge = task({ name: 'charge-card' }, async (customer: string) => {
  await sleepMs(30)
  if (customer === 'customer-7') {
    const cause = new Error('connect ECONNREFUSED 10.0.4.17:443')
    throw new Error('the payment provider refused the charge of customer-7: card_declined', { cause })
  }
  return `${customer}: charged`
})

export const invoices = flow({ name: 'monthly-invoices', description: 'Charges every customer once.', tags: ['billing'] }, async () => {
  log.info('9 customers are due')
  const customers = Array.from({ length: 9 }, (_, index) => `customer-${index + 1}`)
  const charged = await Promise.all(customers.map((customer) => charge(customer)))
  return charged.length
})

const stage = task({ name: 'stage' }, async (name: string) => {
  await sleepMs(120)
  return name
})

/** Its process goes away once, in the middle. */
export const crashing = flow({ name: 'warehouse-sync', tags: ['etl'] }, async () => {
  await stage('customers')
  await stage('orders')
  const mark = path.join(folder, `crashed-${run().flowRunId}`)
  if (!existsSync(mark)) {
    writeFileSync(mark, '')
    await sleepMs(200)
    process.kill(process.pid, 'SIGKILL')
  }
  await stage('payments')
  await stage('refunds')
  return 'in step'
})

const plan = task({ name: 'plan-release' }, async () => ({ services: ['api', 'web', 'worker'], version: '2026.11.28' }))
const roll = task({ name: 'roll-out' }, async (service: string) => {
  await sleepMs(80)
  return service
})

export const release = flow({ name: 'release', description: 'Rolls a version out when somebody says so.', tags: ['ops'] }, async () => {
  const { services, version } = await plan()
  const { approved, percent } = await waitForInput(
    z.object({
      approved: z.boolean().describe(`Roll ${version} out?`),
      percent: z.int().min(1).max(100).default(25).describe('Share of machines that get it first'),
      note: z.string().optional(),
    }),
    { description: `Version ${version} is ready for ${services.join(', ')}.`, timeout: '7d' },
  )
  if (!approved) return 'not this time'
  log.info(`to ${percent} % of the machines`)
  for (const service of services) await roll(service)
  return 'rolled out'
})

const tick = task({ name: 'process-batch' }, async (batch: number) => {
  await sleepMs(1_500)
  log.info(`batch ${batch} done`)
  return batch
})

/** Goes on until it is stopped, or for as many batches as it is told. */
export const stream = flow(
  { name: 'live-orders', parameters: z.object({ batches: z.int().default(2_000) }), tags: ['stream'] },
  async ({ batches }) => {
    for (let batch = 1; batch <= batches; batch++) await tick(batch)
    return batches
  },
)

const square = task({ name: 'score' }, async (n: number) => n * n)
const merge = task({ name: 'merge-scores' }, async (parts: readonly number[]) => parts.length)

export const scoring = flow(
  { name: 'score-customers', parameters: z.object({ customers: z.int().min(1).max(50_000).default(200) }), tags: ['ml'] },
  async ({ customers }) => {
    const groups: number[] = []
    for (let start = 0; start < customers; start += 500) {
      const size = Math.min(500, customers - start)
      const scores = await Promise.all(Array.from({ length: size }, (_, index) => square(start + index)))
      groups.push(await merge(scores))
    }
    log.info(`${customers} customers scored`)
    return groups.length
  },
)

export const napping = flow({ name: 'send-digest', tags: ['mail'] }, async () => {
  await stage('collect')
  await sleep('3h')
  await stage('send')
})

function sleepMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
