import { Agent, request as send } from 'node:http'
import { overEachStore } from '../each-store.ts'
import { percentile, round } from '../statistics.ts'
import type { BenchContext, Workload } from '../workload.ts'

const CONNECTIONS = 16
const FLOW_RUNS = 3_000

/** W8: requests a server answers in a second when many clients make flow runs and propose states. */
export const serverRequests: Workload = {
  name: 'W8',
  about: `requests of ${CONNECTIONS} clients to one server, over SQLite and over PostgreSQL: flow runs made, states proposed`,
  measure: (context) =>
    overEachStore('W8', context, ({ label, serve }) =>
      serve(async ({ url }) => {
        const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
        const tell: BenchContext['tell'] = (sample) => context.tell({ ...sample, case: `${label}: ${sample.case}` })
        try {
          for (let repeat = 0; repeat <= context.repeats; repeat++) await measureOnce(url, agent, repeat, { ...context, tell })
        } finally {
          agent.destroy()
        }
      }),
    ),
}

async function measureOnce(url: string, agent: Agent, repeat: number, context: BenchContext): Promise<void> {
  const { id: flowId } = (await post(url, agent, '/flows/', { name: 'bench' })) as { id: string } // as the protocol answers
  const ids: string[] = []
  await series('create flow run', FLOW_RUNS, repeat, context, async () => {
    const run = (await post(url, agent, '/flow_runs/', { flow_id: flowId, parameters: { day: '2026-01-31' }, tags: ['bench'] })) as {
      id: string
    } // as above
    ids.push(run.id)
  })
  await series('set state Running', FLOW_RUNS, repeat, context, (index) =>
    post(url, agent, `/flow_runs/${ids[index]!}/set_state`, { state: { type: 'RUNNING' } }),
  )
  await series('set state Completed', FLOW_RUNS, repeat, context, (index) =>
    post(url, agent, `/flow_runs/${ids[index]!}/set_state`, { state: { type: 'COMPLETED' } }),
  )
}

async function series(
  name: string,
  n: number,
  repeat: number,
  { tell }: BenchContext,
  one: (index: number) => Promise<unknown>,
): Promise<void> {
  const latenciesUs: number[] = []
  let next = 0
  const client = async (): Promise<void> => {
    while (next < n) {
      const startedAt = performance.now()
      await one(next++)
      latenciesUs.push((performance.now() - startedAt) * 1000)
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, client))
  const totalMs = performance.now() - startedAt
  tell({
    of: 'workload',
    case: name,
    repeat,
    n,
    total_ms: round(totalMs, 2),
    per_second: round((n / totalMs) * 1000, 0),
    p50_us: round(percentile(latenciesUs, 0.5)),
    p99_us: round(percentile(latenciesUs, 0.99)),
  })
}

function post(url: string, agent: Agent, to: string, body: object): Promise<unknown> {
  const text = JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const request = send(
      `${url}${to}`,
      { method: 'POST', agent, headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString()
          if (response.statusCode === undefined || response.statusCode >= 300)
            reject(new Error(`${to} answered ${response.statusCode}: ${answer}`))
          else resolve(JSON.parse(answer))
        })
      },
    )
    request.on('error', reject)
    request.end(text)
  })
}
