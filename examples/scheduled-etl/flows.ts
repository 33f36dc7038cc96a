// Needs a server and a worker: `tutti work-pool create etl`, `tutti deploy`, `tutti worker start --pool etl`.
// A report of each month: read, clean, add up, write. Which month a run is about says its logical date, not the day it happens to run.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { flow, run, task } from 'tutti'

interface Sale {
  readonly shop: string
  readonly total: number
}

interface Month {
  readonly sales: readonly Sale[]
  readonly rejected: number
}

const readMonth = task({ name: 'read-month', retries: 2, retryDelay: '5s' }, async (month: string): Promise<Month> => {
  const file = path.join(import.meta.dirname, 'data', 'sales.csv')
  const rows = readFileSync(file, 'utf8').trim().split('\n').slice(1)
  const inMonth = rows.map((row) => row.split(',')).filter(([day = '']) => day.startsWith(month))
  const sales = inMonth
    .map(([, shop = '', total = '']) => ({ shop, total: Number(total === '' ? NaN : total) }))
    .filter(({ total }) => total >= 0)
  return { sales, rejected: inMonth.length - sales.length }
})

const addUp = task({ name: 'add-up' }, async (sales: readonly Sale[]) => {
  const totals: Record<string, number> = {}
  for (const { shop, total } of sales) totals[shop] = (totals[shop] ?? 0) + total
  return totals
})

const writeReport = task({ name: 'write-report' }, async (folder: string, month: string, report: object) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, `${month}.json`), JSON.stringify(report))
})

/** A run on the first of a month is about the one that has just ended. */
function monthBefore(date: Date): string {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1)).toISOString().slice(0, 7)
}

export const monthlyReport = flow({ name: 'monthly-report' }, async ({ folder }: { folder: string }) => {
  const month = monthBefore(run().logicalDate)
  const { sales, rejected } = await readMonth(month)
  console.log(`${month}: ${sales.length} sales, ${rejected} rejected`)
  await writeReport(folder, month, { month, totals: await addUp(sales), rejected })
})
