import { overEachStore } from '../each-store.ts'
import { queries } from '../queries.ts'
import type { Place, Query } from '../queries.ts'
import { seed } from '../seed.ts'
import type { Seeded } from '../seed.ts'
import { percentile, round } from '../statistics.ts'
import type { BenchContext, Workload } from '../workload.ts'

/** A hundredth of what the budget speaks of, unless `TUTTI_BENCH_FLOW_RUNS` asks for more: a million takes minutes and gigabytes. */
const FLOW_RUNS_DEFAULT = 10_000
const TASK_RUNS_PER_FLOW_RUN = 10
const REQUESTS = 60
const TIMEOUT_MS = 30_000

/** W9: how long a server with months of history takes to answer what people and clients ask for. */
export const apiLatency: Workload = {
  name: 'W9',
  about: 'answers of a server over a database full of runs, 95th percentile',
  measure: (context) =>
    overEachStore('W9', context, async ({ label, url, serve }) => {
      const seeded = await seed(url, { flowRuns: flowRunsWanted(), taskRunsPerFlowRun: TASK_RUNS_PER_FLOW_RUN })
      const tell: BenchContext['tell'] = (sample) => context.tell({ ...sample, case: `${label}: ${sample.case}` })
      const rows = seeded.flowRuns + seeded.taskRuns
      tell({ of: 'workload', case: `seed (${seeded.sizeMb} MB)`, repeat: 1, n: rows, total_ms: seeded.seconds * 1000 })
      await serve(async (server) => {
        for (const query of queries) await measureQuery(server.url, query, seeded, { ...context, tell })
      })
    }),
}

function flowRunsWanted(): number {
  return Number(process.env['TUTTI_BENCH_FLOW_RUNS'] ?? FLOW_RUNS_DEFAULT)
}

async function measureQuery(url: string, query: Query, seeded: Seeded, { tell }: BenchContext): Promise<void> {
  const latenciesUs: number[] = []
  for (let request = 0; request < REQUESTS; request++) {
    const startedAt = performance.now()
    await ask(url, query, placeOf(seeded, request))
    latenciesUs.push((performance.now() - startedAt) * 1000)
  }
  // The first few compile the statement and fill the cache of pages: they count as well.
  tell({
    of: 'workload',
    case: query.name,
    repeat: 1,
    n: seeded.flowRuns,
    p50_us: round(percentile(latenciesUs, 0.5)),
    p95_us: round(percentile(latenciesUs, 0.95)),
  })
}

function placeOf({ flowRunIds, flowIds }: Seeded, request: number): Place {
  return {
    flowRunId: flowRunIds[(request * 37) % flowRunIds.length]!,
    flowId: flowIds[(request * 7) % flowIds.length]!,
    at: request / REQUESTS,
    nowMs: Date.now(),
  }
}

async function ask(url: string, query: Query, place: Place): Promise<void> {
  const response = await fetch(`${url}${query.path(place)}`, {
    method: query.method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(query.body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(query.body(place)) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${query.name}: ${response.status} ${text.slice(0, 300)}`)
}
