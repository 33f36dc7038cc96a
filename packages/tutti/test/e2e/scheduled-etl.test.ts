// The example `scheduled-etl` as a team runs it: deployed, on a schedule, code from a git repository, run by a worker; then three months again.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeRepository, write } from '../tools/git-repository.ts'
import type { Files } from '../tools/git-repository.ts'
import { serveGit } from '../tools/git-server.ts'
import type { GitServer } from '../tools/git-server.ts'
import { Work } from './work.ts'

const EXAMPLE = path.join(import.meta.dirname, '..', '..', '..', '..', 'examples', 'scheduled-etl')
const TOKEN = 'a-token-that-nobody-may-see'
const files: Files = Object.fromEntries(
  ['flows.ts', 'tutti.config.ts', 'data/sales.csv'].map((name) => [name, readFileSync(path.join(EXAMPLE, name))]),
)

let work: Work
let server: GitServer

beforeEach(async () => {
  work = new Work()
  await work.open()
})

afterEach(async () => {
  await server.close()
  await work.close()
})

test('a schedule makes a run that a worker does with the code of the repository; a backfill does three months, with the code as it is by then', async () => {
  const root = path.join(work.folder, 'repositories')
  mkdirSync(root)
  const repository = makeRepository(root, 'reports')
  const first = repository.commit(files)
  server = await serveGit({ root, token: TOKEN })
  write(work.folder, files)
  const reports = path.join(work.folder, 'reports')
  const monthly = { REPORTS_REPOSITORY: `${server.url}/reports.git`, REPORTS_TOKEN: TOKEN, REPORTS_FOLDER: reports }
  await work.command('work-pool', 'create', 'etl').ended

  work.environment = { ...monthly, REPORTS_SCHEDULE: '* * * * * *' }
  const deployed = await work.command('deploy', '--yes').ended
  const worker = work.command('worker', 'start', '--pool', 'etl', '--limit', '1')
  await worker.printed('monthly-report/prod')
  const { id } = await work.client.deployments.readByName({ flow_name: 'monthly-report', deployment_name: 'prod' })
  const [scheduled] = await work.completed(id, /^auto-scheduled$/, 1)

  // From here on the schedule is the example's own, once a month: its times are those of the backfill.
  work.environment = monthly
  const changed = await work.command('deploy', '--yes').ended
  const second = repository.commit({
    ...files,
    'flows.ts': String(files['flows.ts']).replace('{ month, totals:', "{ month, by: 'second', totals:"),
  })
  const span = ['--from', '2026-02-01', '--to', '2026-04-30'] as const
  const backfill = await work.command('backfill', 'monthly-report/prod', ...span, '--yes').ended
  const filled = await work.completed(id, /^backfill:/, 3)
  worker.child.kill('SIGTERM')
  const worked = await worker.ended

  expect(deployed.stdout).toContain('monthly-report/prod')
  expect(changed.stdout).toContain('"* * * * * *" → "0 5 1 * *"')
  expect(backfill.stderr).toBe('')
  expect(scheduled?.labels).toMatchObject({ 'tutti.commit': first })
  expect(filled.map(({ labels }) => labels['tutti.commit'])).toEqual([second, second, second])
  expect(filled.map(({ context }) => String(context?.['tutti.logicalDate']).slice(0, 16)).toSorted()).toEqual([
    '2026-02-01T05:00',
    '2026-03-01T05:00',
    '2026-04-01T05:00',
  ])
  for (const month of ['2026-01', '2026-02', '2026-03'])
    expect(JSON.parse(readFileSync(path.join(reports, `${month}.json`), 'utf8'))).toEqual({ month, by: 'second', ...counted(month) })
  expect(tokenIn(work.home)).toEqual([])
  for (const { stdout, stderr } of [deployed, changed, backfill, worked]) expect(stdout + stderr).not.toContain(TOKEN)
})

/** The same by another way: a line at a time. */
function counted(month: string): { readonly totals: Record<string, number>; readonly rejected: number } {
  const totals: Record<string, number> = {}
  let rejected = 0
  for (const line of String(files['data/sales.csv']).split('\n')) {
    const found = /^(\d{4}-\d\d)-\d\d,(\w+),(-?\d*)$/.exec(line)
    if (found?.[1] !== month) continue
    if (/^\d+$/.test(found[3]!)) totals[found[2]!] = (totals[found[2]!] ?? 0) + Number(found[3])
    else rejected += 1
  }
  return { totals, rejected }
}

/** Files of a folder in which the token stands. */
function tokenIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(TOKEN))
}
