import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { connect } from 'tutti'
import { expect, onTestFinished, test } from 'vitest'
import { readCalls } from './calls.ts'
import { writeFlights, testFolder } from './fixtures.ts'

interface DemoDocument {
  readonly run: { readonly id: string; readonly name: string; readonly state: string; readonly retries: number }
  readonly totals: { readonly rowsIn: number; readonly rowsOut: number; readonly duplicates: number; readonly rejected: number }
  readonly failedRequests: number
  readonly crash: {
    readonly foundState: string
    readonly finishedBefore: readonly string[]
    readonly callsBefore: number
    readonly skipped: number
    readonly callsAfter: number
    readonly calledAgain: readonly string[]
  } | null
}

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function demo(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [
      '--conditions=tutti-source',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'demo.ts'),
      ...args,
    ])
    onTestFinished(() => void child.kill('SIGKILL'))
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()))
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

async function sixSmallMonths(folder: string): Promise<string> {
  const rows = [1, 2, 3, 4, 5, 6].flatMap((month) => [
    `('2001-0${month}-03', ${month}, 606, 'ATL', 'ORD')`,
    `('2001-0${month}-03', ${month}, 606, 'ATL', 'ORD')`,
  ])
  return await writeFlights(join(folder, 'small.parquet'), rows.join(', '))
}

test('the demo says what it will do, what came out, and where it is', async () => {
  const folder = join(await testFolder(), 'demo')

  const { code, out, err } = await demo('--months', '2001-02', '--airports', 'atl,ord', '--keep', folder)

  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toMatch(/^Tutti loads one month of US flights/)
  expect(out).toContain('2001-02  458,170   458,141         3          26')
  expect(out).toContain('Rejected: 3 more than 2 hours early.')
  expect(out).toContain('Quality checks: 8 of 8 passed.')
  expect(out).toMatch(/ATL {6}Atlanta/)
  expect(out).toMatch(/Run \S+ \([0-9a-f-]{36}\) ended Completed/)
  expect(out).toContain(folder)
})

test('killed half-way, the run is found Crashed, resumed, and no finished task is called again', async () => {
  const parent = await testFolder()
  const folder = join(parent, 'demo')

  const { code, out, err } = await demo('--crash', '--json', '--flights', await sixSmallMonths(parent), '--keep', folder)

  expect(err).toBe('')
  expect(code).toBe(0)
  // The document the demo prints.
  const document = JSON.parse(out) as DemoDocument
  const { crash, run, totals } = document
  expect(run.state).toBe('Completed')
  expect(totals).toMatchObject({ rowsIn: 12, rowsOut: 6, duplicates: 6, rejected: 0 })
  expect(document.failedRequests).toBeGreaterThan(0)

  // The tasks' functions wrote the calls themselves, each with its process.
  const calls = readCalls(folder)
  const [firstPid] = calls.map((call) => call.pid)
  const inFirst = calls.filter((call) => call.pid === firstPid)
  const inSecond = calls.filter((call) => call.pid !== firstPid)
  expect(crash).toMatchObject({ foundState: 'Crashed', callsBefore: inFirst.length, callsAfter: inSecond.length, calledAgain: [] })
  expect(crash?.skipped).toBe(crash?.finishedBefore.length)
  expect(crash?.skipped).toBeGreaterThan(6)
  expect(inSecond.length).toBeGreaterThan(3)

  // The store tells the same story: all task runs of the run, those that finished before and those that were called after.
  const tutti = await connect({ home: join(folder, 'home'), print: false })
  onTestFinished(() => tutti.close())
  const taskRuns = await tutti.orchestrator.taskRuns.list({ flowRunId: run.id, limit: 100 })
  const called = new Set(inSecond.map((call) => `${call.task} ${call.about}`))
  expect(taskRuns.items.every((taskRun) => taskRun.state.type === 'completed')).toBe(true)
  expect(taskRuns.items).toHaveLength((crash?.finishedBefore.length ?? 0) + called.size)
})

test('a mistake in the options is one sentence', async () => {
  const badMonth = await demo('--months', 'May')
  const badOption = await demo('--cras')

  expect(badMonth).toMatchObject({ code: 1, out: '', err: 'months.0: a month is written like 2001-01\n' })
  expect(badOption.code).toBe(1)
  expect(badOption.err).toContain("Unknown option '--cras'")
})

test('the run of an earlier demo can be looked at in the dashboard until it is told to stop', async () => {
  const parent = await testFolder()
  const folder = join(parent, 'demo')
  const { code } = await demo('--no-look', '--months', '2001-02', '--flights', await sixSmallMonths(parent), '--keep', folder)
  expect(code).toBe(0)

  const looking = spawn(process.execPath, [
    '--conditions=tutti-source',
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'demo.ts'),
    '--look',
    folder,
  ])
  onTestFinished(() => void looking.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => looking.on('close', resolve))
  const address = await new Promise<string>((resolve) => {
    let out = ''
    looking.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      const found = /See the run: (\S+)\n/.exec(out)?.[1]
      if (found !== undefined) resolve(found)
    })
  })
  const page = await fetch(address, { headers: { Accept: 'text/html' } })

  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<title>Tutti</title>')
  looking.kill('SIGTERM')
  expect(await ended).toBe(0)
})
