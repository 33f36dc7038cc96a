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
