import { createClient } from 'tutti/client'
import { occurrences } from '../../packages/tutti/src/core/schedule/index.ts'
import { deployToPool } from '../deployed/deployed.ts'
import { overEachStore } from '../each-store.ts'
import { ensureBuilt } from '../build.ts'
import { round } from '../statistics.ts'
import type { BenchContext, Workload } from '../workload.ts'

const SCHEDULES = 100_000
const AHEAD = 3
const RUNS = 4_000
const CLAIMED_AT_ONCE = 50
const BULK = 100

/** How fast due times are found and due runs given out. */
export const schedules: Workload = {
  name: 'schedule',
  about: `the next ${AHEAD} times of ${SCHEDULES} schedules; due runs claimed by 1, 2 and 4 workers at once`,
  async measure(context) {
    await ensureBuilt()
    evaluate(context)
    await overEachStore('schedule', context, ({ label, serve }) =>
      serve(async ({ url }) => {
        const client = createClient({ url })
        await client.workPools.create({ body: { name: 'bench', type: 'process' } })
        for (const workers of [1, 2, 4]) await claim(client, workers, label, context)
      }),
    )
  },
}

/** Each of another minute, hour and zone, as those of many teams are. */
function evaluate({ repeats, tell }: BenchContext): void {
  const zones = Intl.supportedValuesOf('timeZone')
  const from = Date.UTC(2026, 0, 1) * 1000
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const startedAt = performance.now()
    for (let at = 0; at < SCHEDULES; at++) {
      const schedule = { type: 'cron', cron: `${at % 60} ${at % 24} * * *`, timezone: zones[at % zones.length]!, dayOr: true } as const
      if (occurrences(schedule, from, { limit: AHEAD }).length !== AHEAD) throw new Error(`${schedule.cron} has no times`)
    }
    const totalMs = performance.now() - startedAt
    tell({
      of: 'workload',
      case: 'times of schedules',
      repeat,
      n: SCHEDULES,
      total_ms: round(totalMs, 2),
      per_second: round((SCHEDULES / totalMs) * 1000, 0),
    })
  }
}

async function claim(client: ReturnType<typeof createClient>, workers: number, label: string, { tell }: BenchContext): Promise<void> {
  const { threeTasks: id } = await deployToPool(client)
  for (let made = 0; made < RUNS; made += BULK)
    await client.deployments.createFlowRuns({ id, body: Array.from({ length: BULK }, () => ({})) })
  const startedAt = performance.now()
  const claimed = await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      let count = 0
      for (;;) {
        const body = { worker: `bench ${index}`, limit: CLAIMED_AT_ONCE, wait_seconds: 0, queues: null }
        const runs = await client.claims.ofPool({ name: 'bench', body })
        if (runs.length === 0) return count
        count += runs.length
      }
    }),
  )
  const totalMs = performance.now() - startedAt
  const n = claimed.reduce((sum, count) => sum + count, 0)
  if (n !== RUNS) throw new Error(`${n} runs were claimed of ${RUNS}: some twice, or not at all`)
  tell({
    of: 'workload',
    case: `${label}: claims by ${workers}`,
    repeat: 1,
    n,
    total_ms: round(totalMs, 2),
    per_second: round((n / totalMs) * 1000, 0),
  })
}
