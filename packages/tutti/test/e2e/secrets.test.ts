// Ten secrets and more are planted in blocks, let out by flows in every way they can, and looked for in all that is left of it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { filesOf, hunt } from '../tools/secret-hunt.ts'
import type { Place } from '../tools/secret-hunt.ts'
import { Planting } from './planted.ts'
import { Work } from './work.ts'

let work: Work
let planting: Planting

beforeEach(async () => {
  work = new Work()
  await work.open()
  planting = new Planting(work)
})

afterEach(() => work.close())

async function answer(method: 'GET' | 'POST', endpoint: string, body?: unknown): Promise<Place> {
  const response = await fetch(`${work.server.url}${endpoint}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const content = Buffer.from(await response.arrayBuffer())
  expect(`${endpoint}: ${response.status} ${response.ok ? '' : content.toString()}`).toBe(`${endpoint}: 200 `)
  return { name: endpoint, content }
}

/** Everything the API lists, and what it says of single runs. */
async function answers(runIds: readonly string[]): Promise<readonly Place[]> {
  const lists = [
    'flows',
    'flow_runs',
    'task_runs',
    'logs',
    'artifacts',
    'artifacts/latest',
    'events',
    'block_types',
    'block_schemas',
    'block_documents',
  ]
  return Promise.all([
    ...[...lists, 'deployments', 'variables', 'work_pools'].map((list) => answer('POST', `/${list}/filter`, {})),
    answer('GET', '/admin/settings'),
    answer('GET', '/block_types/slug/secret/block_documents'),
    ...runIds.flatMap((id) => [
      answer('GET', `/flow_runs/${id}`),
      answer('GET', `/flow_runs/${id}/graph-v2`),
      answer('GET', `/flow_run_states/?flow_run_id=${id}`),
      answer('POST', '/logs/filter', { logs: { flow_run_id: { any_: [id] } }, limit: 200 }),
    ]),
  ])
}

/** What programs were called with, for every user of the machine to see. */
function processList(): readonly Place[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [{ name: `the arguments of process ${pid}`, content: readFileSync(`/proc/${pid}/cmdline`) }]
      } catch {
        // It has ended meanwhile.
        return []
      }
    })
}

test('ten secrets that a worker’s run lets out in every way are nowhere', async () => {
  await planting.all()
  const worker = await work.worker()

  const leaking = await planting.trigger('leaks')
  await worker.printed('HOLDS')
  const processes = processList()
  writeFileSync(path.join(work.folder, 'gate'), '')
  await work.reached(leaking, 'COMPLETED')
  const crashing = await planting.trigger('crashes')
  const crashed = await work.reached(crashing, 'CRASHED')
  const atOnce = await planting.trigger('crashes-at-once')
  await work.reached(atOnce, 'CRASHED')
  const lines = [...(await work.logged(leaking, 'without the console')), ...(await work.logged(atOnce, 'lost the connection'))]
  await work.command('db', 'backup', path.join(work.folder, 'exported', 'tutti.db')).ended
  const copied = await work.command('db', 'backup', path.join(work.home, 'copy.db')).ended
  const told = await answers([leaking, crashing, atOnce])
  const shown = await Promise.all(['inspect', 'logs'].map((verb) => work.command('flow-run', verb, leaking).ended))
  worker.child.kill('SIGKILL')
  const printed = await worker.ended

  const files = await filesOf(work.home)
  const places: readonly Place[] = [
    ...files,
    ...told,
    ...processes,
    { name: 'what the worker prints', content: printed.stdout + printed.stderr },
    { name: 'what the server prints', content: work.server.output },
    ...shown.map(({ stdout, stderr }) => ({ name: 'what the command shows', content: stdout + stderr })),
  ]
  expect(hunt(places, planting.secrets)).toEqual([])
  // That nothing was found means something only where something was told.
  expect(planting.secrets.length).toBeGreaterThanOrEqual(10)
  expect(copied).toMatchObject({ code: 0 })
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['tutti.db', 'copy.db', expect.stringContaining('results/') as string]),
  )
  expect(crashed.state?.message).toContain('lost the connection of ********')
  expect(lines.filter((line) => line.startsWith('stdout: printed ********'))).toHaveLength(10)
  expect(lines.join('\n')).toContain('lost the connection of ********')
  expect(shown[1]?.stdout).toContain('token ******** ********')
})

test('a script whose flow prints a secret and dies of an error with it shows it nowhere', async () => {
  work.environment = { HUNTED_IN_SCRIPT: planting.plant('in a script') }

  const { code, stdout, stderr } = await work.script('secretive-script.ts').ended

  const places = [...(await filesOf(work.home)), { name: 'stdout', content: stdout }, { name: 'stderr', content: stderr }]
  expect(hunt(places, planting.secrets)).toEqual([])
  expect(code).toBe(1)
  expect(stdout).toContain("printed ******** { token: '********' }")
  expect(stderr).toMatch(/Uncaught:\nError: lost \*{8}\n {4}at /)
})

test('a rotation that is killed again and again loses nothing, and the server goes on with the new key', async () => {
  for (let index = 0; index < 5; index++) await planting.save(`number-${index}`, planting.plant(`number ${index}`))
  const { client } = work
  const read = () => client.blockDocuments.list({ body: { block_documents: {}, include_secrets: true } })
  const before = await read()

  for (const delayMs of [300, 600, 900]) {
    const rotating = work.command('secrets', 'rotate')
    await Promise.race([rotating.ended, new Promise((resolve) => setTimeout(resolve, delayMs))])
    rotating.child.kill('SIGKILL')
    await rotating.ended
    expect(await read()).toEqual(before)
  }
  const rotated = await work.command('secrets', 'rotate', '--json').ended
  await planting.save('later', planting.plant('later'))
  const forgotten = await work.command('secrets', 'forget', '--json').ended
  const status = JSON.parse((await work.command('secrets', 'status', '--json').ended).stdout) as { keys: { documents: number }[] }

  expect([rotated.code, forgotten.code]).toEqual([0, 0])
  expect(status.keys.map(({ documents }) => documents)).toEqual([6])
  expect((await read()).length).toBe(before.length + 1)
})
