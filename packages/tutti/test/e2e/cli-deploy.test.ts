// Deployments from a tutti.config.ts, as people write, plan and look at them.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../crash/server-process.ts'
import { CommandLine } from './command.ts'

let command: CommandLine
let port: string

beforeEach(async () => {
  command = new CommandLine()
  port = String(await freePort())
  // The public doors, as an installed package has them.
  mkdirSync(path.join(command.folder, 'flows'))
  writeFileSync(path.join(command.folder, 'package.json'), '{"name":"shop","type":"module"}')
  writeFileSync(
    path.join(command.folder, 'flows', 'etl.ts'),
    `import { flow } from 'tutti'
     export const etl = flow({ name: 'etl', description: 'Loads a day' }, async ({ day }: { day: string }) => day)`,
  )
})
afterEach(() => command.close())

function configure(...deployments: readonly string[]): void {
  writeFileSync(
    path.join(command.folder, 'tutti.config.ts'),
    `import { defineConfig } from 'tutti'
     import { etl } from './flows/etl.ts'
     export default defineConfig({ deployments: [${deployments.map((options) => `etl.deployment(${options})`).join(', ')}] })`,
  )
}

async function startServer(): Promise<void> {
  await command.start('server', 'start', '--port', port).printed('Tutti is ready')
}

test('a configuration is planned, deployed once, and found unchanged after that', async () => {
  configure(`{ name: 'prod', tags: ['a'], parameters: { day: '2026-01-01' } }`)
  await startServer()

  const planned = await command.run('deploy', '--plan')
  expect([planned.code, planned.stderr]).toEqual([0, ''])
  expect(planned.stdout).toMatch(/\+ etl\/prod {2}added\n/)
  expect(planned.stdout).toMatch(/entrypoint +"flows\/etl.ts:etl"\n/)
  expect(planned.stdout).toContain('Plan of shop: 1 added.')

  const refused = await command.run('deploy')
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--yes')])
  expect((await command.run('deploy', '--yes')).stdout).toContain('Deployed: 1 added.')
  expect(await command.json('deploy')).toMatchObject({ project: 'shop', applied: false, deployments: [{ change: 'unchanged' }] })

  configure(`{ name: 'prod', tags: ['b'], parameters: { day: '2026-01-01' } }`)
  const changed = await command.run('deploy', '--yes')
  expect(changed.stdout).toMatch(/tags +\["a"\] → \["b"\]/)
})

test('what the configuration does not have any more is told of, and removed when that is asked for', async () => {
  configure(`{ name: 'prod' }`, `{ name: 'dev' }`)
  await startServer()
  await command.run('deploy', '--yes')
  configure(`{ name: 'prod' }`)

  expect((await command.run('deploy', '--yes')).stderr).toContain('etl/dev')
  expect((await command.run('deploy', '--yes', '--prune')).stdout).toContain('Deployed: 1 removed, 1 unchanged.')
  expect((await command.run('deploy', 'dev', '--prune')).code).toBe(2)
})

test('what is missing is said: the configuration, the deployment, the server', async () => {
  const without = await command.run('deploy', '--plan')
  expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('CONFIG_NOT_FOUND')])
  configure(`{ name: 'prod' }`)
  const mistyped = await command.run('deploy', 'prd')
  expect([mistyped.code, mistyped.stderr]).toEqual([1, expect.stringContaining('did you mean prod?')])
  const alone = await command.run('deploy', '--plan')
  expect([alone.code, alone.stderr]).toEqual([1, expect.stringContaining('tutti server start')])
})

test('a deployment is found, run, paused, rolled back, deleted and brought back', async () => {
  configure(`{ name: 'prod', parameters: { day: '2026-01-01' } }`)
  await startServer()
  await command.run('deploy', '--yes')
  configure(`{ name: 'prod', parameters: { day: '2026-02-02' } }`)
  await command.run('deploy', '--yes')

  expect(await command.json('deployment', 'ls')).toMatchObject({ items: [{ flow: 'etl', name: 'prod', version: '2' }] })
  expect((await command.run('deployment', 'inspect', 'etl/prod')).stdout).toMatch(/parameters +\{"day":"2026-02-02"\}/)
  const later = await command.json('deployment', 'run', 'prod', '--param', 'day=2026-03-03', '--in', '10m')
  expect(later).toMatchObject({ deployment: 'etl/prod', version: '2', parameters: { day: '2026-03-03' }, state: 'Scheduled' })
  expect(await command.json('deployment', 'pause', 'prod')).toMatchObject({ name: 'etl/prod', paused: true })

  const { stdout: versions } = await command.run('deployment', 'versions', 'prod')
  expect(versions).toMatch(/→ +2 +2 .*parameters\.day/)
  expect(await command.json('deployment', 'rollback', 'prod')).toMatchObject({ from: 2, to: 1 })
  expect(await command.json('deployment', 'inspect', 'prod')).toMatchObject({ parameters: { day: '2026-01-01' }, version: '1' })

  expect((await command.run('deployment', 'delete', 'prod')).stdout).toBe('Deleted etl/prod\n')
  const gone = await command.run('deployment', 'inspect', 'prod')
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('there is no deployment prod')])
  expect((await command.run('deployment', 'restore', 'etl/prod')).stdout).toBe('Restored etl/prod\n')
  expect((await command.run('deployment', 'inspect', 'etl/prd')).stderr).toContain('did you mean etl/prod?')
})

test('pools and queues are made, changed, paused and deleted', async () => {
  await startServer()

  expect(await command.json('work-pool', 'create', 'local', '--limit', '4')).toMatchObject({ name: 'local', type: 'process', limit: 4 })
  expect(await command.json('work-pool', 'update', 'local', '--limit', 'none')).toMatchObject({ limit: null })
  await command.run('work-queue', 'create', 'urgent', '--pool', 'local', '--priority', '1')
  expect(await command.json('work-queue', 'ls', '--pool', 'local')).toMatchObject({
    items: [
      { name: 'urgent', priority: 1 },
      { name: 'default', priority: 2 },
    ],
  })
  expect(await command.json('work-queue', 'pause', 'urgent', '--pool', 'local')).toMatchObject({ paused: true })
  await command.run('work-pool', 'pause', 'local')
  expect((await command.run('work-pool', 'ls')).stdout).toMatch(/local +process +paused/)
  expect(await command.json('work-pool', 'inspect', 'local')).toMatchObject({ paused: true, queues: [{}, {}], workers: [] })
  expect(await command.json('worker', 'ls')).toEqual({ items: [] })
  expect((await command.run('work-pool', 'inspect', 'locl')).stderr).toContain('did you mean local?')
  expect((await command.run('work-pool', 'delete', 'local')).stdout).toBe('Deleted work pool local\n')
})

test('concurrency limits are made, changed, listed with their slots and deleted', async () => {
  await startServer()

  expect(await command.json('concurrency-limit', 'set', 'payment-api', '5', '--decay', '0.5')).toEqual({
    kind: 'name',
    name: 'payment-api',
    slots: 5,
    taken: 0,
    active: true,
    decayPerSecond: 0.5,
  })
  await command.run('concurrency-limit', 'set', 'payment-api', '6', '--inactive')
  await command.run('concurrency-limit', 'set', 'database', '10', '--tag')
  expect(await command.json('concurrency-limit', 'ls')).toMatchObject({
    items: [
      { kind: 'name', name: 'payment-api', slots: 6, active: false, decayPerSecond: 0.5 },
      { kind: 'tag', name: 'database', slots: 10 },
    ],
  })
  expect((await command.run('concurrency-limit', 'set', 'payment-api', 'many')).stderr).toContain("'many' is not a number of slots")
  expect((await command.run('concurrency-limit', 'delete', 'database', '--tag')).stdout).toBe('Deleted the limit of tag database\n')
  expect((await command.run('concurrency-limit', 'delete', 'database')).stderr).toContain('database')
})
