// The code of a deployment in a bucket: put there by `tutti deploy`, fetched by a worker.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CommandLine } from '../../../packages/tutti/test/e2e/command.ts'
import { freePort } from '../../../packages/tutti/test/crash/server-process.ts'
import { allOf, openLocalCloud } from './cloud.ts'
import type { LocalCloud } from './cloud.ts'

let cloud: LocalCloud
let command: CommandLine

beforeEach(async () => {
  cloud = await openLocalCloud()
  command = new CommandLine()
  mkdirSync(path.join(command.folder, 'flows'))
  write('package.json', '{"name":"shop","type":"module"}')
  write('.gitignore', 'home\n')
  write(
    'flows/etl.ts',
    `import { flow, log } from 'tutti'\nexport const etl = flow({ name: 'etl' }, async () => log.info('from the bucket'))`,
  )
  write(
    'tutti.config.ts',
    `import { archive, defineConfig } from 'tutti'
     import { etl } from './flows/etl.ts'
     export default defineConfig({ deployments: [etl.deployment({ name: 'prod', pool: 'local', code: archive({ address: 'gs://trips/code' }) })] })`,
  )
})

afterEach(async () => {
  await command.close()
  await cloud.close()
})

function write(file: string, text: string): void {
  writeFileSync(path.join(command.folder, file), text)
}

test('tutti deploy puts the code into the bucket, and a worker runs it from there', async () => {
  const environment = { STORAGE_EMULATOR_HOST: cloud.server.url }
  await command.start('server', 'start', '--port', String(await freePort())).printed('Tutti is ready')
  await command.startWith(environment, 'worker', 'start', '--pool', 'local', '--type', 'process').printed('local')

  const deployed = await command.startWith(environment, 'deploy', '--yes').ended
  const run = await command.run('deployment', 'run', 'etl/prod', '--watch')

  const stored = await allOf(cloud.bucket.list({ prefix: 'code/' }))
  expect(deployed.stdout).toContain('Code stored: 4 files')
  expect(stored.map(({ name }) => name)).toEqual([expect.stringMatching(/^code\/[\da-f]{64}\.tar\.gz$/)])
  expect(run.stdout).toContain('from the bucket')
})

test('a bucket that is not there fails the deploy, and nothing is deployed', async () => {
  write(
    'tutti.config.ts',
    `import { archive, defineConfig } from 'tutti'
     import { etl } from './flows/etl.ts'
     export default defineConfig({ deployments: [etl.deployment({ name: 'prod', pool: 'local', code: archive({ address: 'gs://no-such-bucket' }) })] })`,
  )
  await command.start('server', 'start', '--port', String(await freePort())).printed('Tutti is ready')
  await command.startWith({}, 'worker', 'start', '--pool', 'local', '--type', 'process').printed('local')

  const deployed = await command.startWith({ STORAGE_EMULATOR_HOST: cloud.server.url }, 'deploy', '--yes').ended

  expect([deployed.code, deployed.stderr]).toEqual([1, expect.stringContaining('bucket does not exist')])
  expect((await command.run('deployment', 'ls')).stdout).not.toContain('prod')
})
