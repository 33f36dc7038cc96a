// A flow that asks for runs of deployments, whatever happens to its process meanwhile. The worker is played by the test.
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClient } from '../../src/client/index.ts'
import type { Client } from '../../src/client/index.ts'
import { freePort } from '../crash/server-process.ts'
import { CommandLine } from './command.ts'

const asking = path.join(import.meta.dirname, 'flows', 'asking.ts')

let command: CommandLine
let client: Client

beforeEach(async () => {
  command = new CommandLine()
  const port = await freePort()
  await command.start('server', 'start', '--port', String(port)).printed('Tutti is ready')
  client = createClient({ url: `http://127.0.0.1:${port}/api` })
  await client.deployments.deploy({ body: { deployments: [{ flow_name: 'etl', name: 'prod' }] } })
})
afterEach(() => command.close())

async function asked() {
  const runs = () => client.flowRuns.filter({ body: { deployments: { name: { any_: ['prod'] } } } })
  await expect.poll(async () => (await runs()).length, { timeout: 30_000 }).toBeGreaterThan(0)
  return runs()
}

async function end(id: string, type: 'COMPLETED' | 'FAILED', message: string): Promise<void> {
  await client.flowRuns.setState({ id, body: { force: true, state: { type: 'RUNNING' } } })
  await client.flowRuns.setState({ id, body: { force: true, state: { type, message } } })
}

test('waits for the run, which is linked to it, and finds it again after its process was killed', async () => {
  const killed = command.start('run', asking, '--json')
  const [child] = await asked()
  killed.child.kill('SIGKILL')
  await killed.ended
  const [parent] = await client.flowRuns.filter({ body: { flows: { name: { any_: ['asking'] } } } })
  const resumed = command.start('flow-run', 'resume', parent!.id, '--json')
  await resumed.printed('"type":"flow-run"')
  await end(child!.id, 'COMPLETED', 'all loaded')

  const { code, stdout } = await resumed.ended
  expect(code).toBe(0)
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    result: { stateName: 'Completed', message: 'all loaded' },
  })
  expect(await asked()).toMatchObject([{ id: child!.id, tags: ['asked'], parameters: { day: '2026-01-01' } }])
  const task = await client.taskRuns.read({ id: child!.parent_task_run_id! })
  expect(task).toMatchObject({ flow_run_id: parent!.id, state_type: 'COMPLETED' })
})

test('a run that failed fails the flow, and another takes its place when the flow is tried again', async () => {
  const first = command.start('run', asking, '--json')
  await end((await asked())[0]!.id, 'FAILED', 'no rows')
  expect(await first.ended).toMatchObject({ code: 1, stdout: expect.stringContaining('no rows') })

  const [parent] = await client.flowRuns.filter({ body: { flows: { name: { any_: ['asking'] } } } })
  const again = command.start('flow-run', 'retry', parent!.id, '--json')
  await expect.poll(async () => (await asked()).length, { timeout: 30_000 }).toBe(2)
  await end((await asked()).find(({ state_type: type }) => type === 'SCHEDULED')!.id, 'COMPLETED', 'loaded')
  expect((await again.ended).code).toBe(0)
})

test('a flow that allows it is told of a failure, and of there being no such deployment in any case', async () => {
  const allowing = command.start('run', asking, '--param', 'allowFailure=true', '--json')
  await end((await asked())[0]!.id, 'FAILED', 'no rows')
  expect(await allowing.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('"stateName":"Failed"') })

  await client.deployments.remove({ id: (await client.deployments.filter())[0]!.id })
  const lost = await command.run('run', asking, '--json')
  expect([lost.code, lost.stdout]).toEqual([1, expect.stringContaining('there is no deployment etl/prod')])
})
