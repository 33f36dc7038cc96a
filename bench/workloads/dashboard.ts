import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'
import { createClient } from 'tutti/client'
import { framesWhileMoving } from '../dashboard/frames.ts'
import { timeToInteractive } from '../dashboard/interactive.ts'
import { PlainBrowser } from '../dashboard/plain-browser.ts'
import { startServing } from '../deployed/deployed.ts'
import { overEachStore } from '../each-store.ts'
import { seed } from '../seed.ts'
import type { Seeded } from '../seed.ts'
import { median, round } from '../statistics.ts'
import type { BenchContext, Workload } from '../workload.ts'

/** A hundredth of what the budget speaks of, unless `TUTTI_BENCH_FLOW_RUNS` asks for more: a million takes minutes and gigabytes. */
const FLOW_RUNS_DEFAULT = 10_000
const TASK_RUNS_PER_FLOW_RUN = 10
const LOADS = 5
const LIVE_TASKS = 10_000

/** `ui`: how soon pages can be used over months of history, how smooth a run of 10,000 tasks is while it runs, how much is loaded first. */
export const dashboard: Workload = {
  name: 'ui',
  about: `the dashboard in Chromium: pages over a server full of runs, frames over a live run of ${LIVE_TASKS} tasks, size of the first load`,
  async measure(context) {
    const executablePath = chromiumPath()
    if (executablePath === undefined) throw new Error('the workload ui needs Chromium: npm run setup:test')
    await overEachStore('ui', context, async ({ label, url, serve }) => {
      // What a page asks is measured over both stores by W9; what a browser makes of it is the same.
      if (label !== 'SQLite') return
      const seeded = await seed(url, { flowRuns: flowRunsWanted(), taskRunsPerFlowRun: TASK_RUNS_PER_FLOW_RUN })
      await serve(async (server) => {
        const address = server.url.replace(/\/api$/, '')
        await measureFirstLoad(address, context)
        await measurePages(executablePath, address, seeded, context)
        await measureFrames(executablePath, server.url, context)
      })
    })
  },
}

function flowRunsWanted(): number {
  return Number(process.env['TUTTI_BENCH_FLOW_RUNS'] ?? FLOW_RUNS_DEFAULT)
}

function chromiumPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  return folders.map((folder) => path.join(folder, 'chromium')).find((file) => existsSync(file))
}

/** Scripts that the page names itself, as they travel. */
async function measureFirstLoad(address: string, { tell }: BenchContext): Promise<void> {
  const page = await (await fetch(`${address}/`, { headers: { Accept: 'text/html' } })).text()
  const scripts = [...page.matchAll(/<(?:script|link)[^>]+(?:src|href)="([^"]+\.js)"/g)].map(([, file]) => file!)
  let total = 0
  for (const file of scripts) total += gzipSync(await (await fetch(new URL(file, `${address}/`))).bytes()).length
  tell({ of: 'workload', case: 'first load of JavaScript (gzip)', repeat: 1, n: scripts.length, size_kb: round(total / 1000) })
}

async function measurePages(
  executablePath: string,
  address: string,
  { flowRunIds, flowIds, flowRuns }: Seeded,
  { tell }: BenchContext,
): Promise<void> {
  const pages = {
    home: '/',
    'home, 30 days': '/?window=30d',
    runs: '/runs',
    'runs, failed': '/runs?state=FAILED',
    run: `/runs/${flowRunIds[flowRunIds.length >> 1]}`,
    flows: '/flows',
    flow: `/flows/${flowIds[0]}`,
    deployments: '/deployments',
    'work pools': '/work-pools',
    logs: '/logs',
    events: '/events',
    artifacts: '/artifacts',
    blocks: '/blocks',
    settings: '/settings',
  }
  const browser = await PlainBrowser.launch(executablePath)
  try {
    // Nobody's first page warms up the server's own code.
    await timeToInteractive(browser, address)
    for (const [name, to] of Object.entries(pages)) {
      const times: number[] = []
      for (let load = 0; load < LOADS; load++) times.push(await timeToInteractive(browser, `${address}${to}`))
      tell({ of: 'workload', case: `page: ${name}`, repeat: 1, n: flowRuns, total_ms: round(median(times)) })
    }
  } finally {
    await browser.close()
  }
}

async function measureFrames(executablePath: string, url: string, { folder, tell }: BenchContext): Promise<void> {
  const home = path.join(folder, 'ui-served')
  mkdirSync(home, { mode: 0o700 })
  const client = createClient({ url })
  const runner = await startServing(url, home)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const { id: deployment } = await client.deployments.readByName({ flow_name: 'wide', deployment_name: 'served' })
    for (const view of ['timeline', 'graph'] as const) {
      const { id } = await client.deployments.createFlowRun({ id: deployment, body: { parameters: { tasks: LIVE_TASKS } } })
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      page.setDefaultTimeout(WITHIN_MS)
      await page.goto(`${url.replace(/\/api$/, '')}/runs/${id}?view=${view}`)
      const frames = await framesWhileMoving(page)
      const { state_type: state } = await client.flowRuns.read({ id })
      await page.close()
      const isLive = state === 'RUNNING' ? 'live' : 'just ended'
      tell({
        of: 'workload',
        case: `${view} of ${LIVE_TASKS} tasks, ${isLive}: frames`,
        repeat: 1,
        n: frames.count,
        median_ms: round(frames.medianMs),
        longest_ms: round(frames.longestMs),
      })
      await ended(client, id)
    }
  } finally {
    await browser.close()
    await runner.stop()
  }
}

const WITHIN_MS = 120_000

async function ended(client: ReturnType<typeof createClient>, id: string): Promise<void> {
  const deadline = performance.now() + WITHIN_MS
  while ((await client.flowRuns.read({ id })).state_type !== 'COMPLETED') {
    if (performance.now() > deadline) throw new Error(`the run ${id} did not end within ${WITHIN_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
