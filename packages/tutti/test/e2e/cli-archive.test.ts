// Deployments whose code lies in a storage: put there by `tutti deploy`, fetched by workers.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readTar } from '../../src/core/tar.ts'
import { freePort } from '../crash/server-process.ts'
import { CommandLine } from './command.ts'

let command: CommandLine
let shared: string

beforeEach(async () => {
  command = new CommandLine()
  shared = path.join(command.folder, 'shared')
  mkdirSync(path.join(command.folder, 'flows'))
  write('package.json', '{"name":"shop","type":"module"}')
  write('.gitignore', 'home\nshared\n*.secret\n')
  write('api.secret', 'not for the storage')
  write('.env', 'TOKEN=not for the storage')
  write('flows/words.ts', `export const word = 'first'`)
  write(
    'flows/etl.ts',
    `import { existsSync } from 'node:fs'
     import { flow, log } from 'tutti'
     import { word } from './words.ts'
     export const etl = flow({ name: 'etl' }, async () => log.info(word + ', secrets: ' + existsSync(new URL('../api.secret', import.meta.url))))`,
  )
  write(
    'tutti.config.ts',
    `import { archive, defineConfig } from 'tutti'
     import { etl } from './flows/etl.ts'
     export default defineConfig({ deployments: [etl.deployment({ name: 'prod', pool: 'local', code: archive({ address: 'file://${shared}' }) })] })`,
  )
})
afterEach(() => command.close())

function write(file: string, text: string): void {
  writeFileSync(path.join(command.folder, file), text)
}

/** A server, and a worker of its pool. */
async function start(): Promise<void> {
  const port = String(await freePort())
  await command.start('server', 'start', '--port', port).printed('Tutti is ready')
  await command.start('worker', 'start', '--pool', 'local', '--type', 'process').printed('local')
}

function stored(): readonly string[] {
  return readdirSync(shared).flatMap((name) => readTar(gunzipSync(readFileSync(path.join(shared, name)))).map((entry) => entry.path))
}

test('the code is stored without what git ignores, and a worker runs it', async () => {
  await start()

  const deployed = await command.run('deploy', '--yes')
  const { stdout } = await command.run('deployment', 'run', 'etl/prod', '--watch')

  expect(deployed.stdout).toMatch(/Code stored: 5 files, \d+ KiB at file:/)
  expect(stored()).toEqual(['.gitignore', 'flows/etl.ts', 'flows/words.ts', 'package.json', 'tutti.config.ts'])
  expect(stdout).toContain('first, secrets: false')
})

test('changed code is another archive, and the next run is of that', async () => {
  await start()
  await command.run('deploy', '--yes')
  write('flows/words.ts', `export const word = 'second'`)

  const deployed = await command.run('deploy', '--yes')
  const { stdout } = await command.run('deployment', 'run', 'etl/prod', '--watch')

  expect(deployed.stdout).toContain('tutti.archive')
  expect(readdirSync(shared)).toHaveLength(2)
  expect(stdout).toContain('second, secrets: false')
})

test('what is stored already is not stored again, and a plan stores nothing', async () => {
  await start()
  execFileSync('git', ['init', '--quiet'], { cwd: command.folder })

  await command.run('deploy', '--plan')
  const before = readdirSync(command.folder).includes('shared')
  await command.run('deploy', '--yes')
  const unchanged = await command.run('deploy', '--yes')

  expect(before).toBe(false)
  expect(unchanged.stdout).toContain('1 unchanged')
  expect(readdirSync(shared)).toHaveLength(1)
})

test('an archive that is gone, or was changed, is the end of the run and says so', async () => {
  await start()
  await command.run('deploy', '--yes')
  const [name = ''] = readdirSync(shared)
  rmSync(path.join(shared, name))

  const gone = await command.run('deployment', 'run', 'etl/prod', '--watch')
  writeFileSync(path.join(shared, name), 'something else')
  const damaged = await command.run('deployment', 'run', 'etl/prod', '--watch')

  expect(`${gone.stdout}${gone.stderr}`).toContain('there is no code at file:')
  expect(`${damaged.stdout}${damaged.stderr}`).toContain('cannot be used')
})

test('a link within the project is kept, one that leads out of it is refused', async () => {
  await start()
  symlinkSync('words.ts', path.join(command.folder, 'flows', 'alias.ts'))
  const within = await command.run('deploy', '--yes')
  symlinkSync('/etc/passwd', path.join(command.folder, 'flows', 'out.ts'))
  const outside = await command.run('deploy', '--plan')

  expect(within.code).toBe(0)
  expect([outside.code, outside.stderr]).toEqual([1, expect.stringContaining('flows/out.ts')])
})
