// A program that serves deployments: what people rely on who start it and go home.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Work } from './work.ts'

let work: Work

beforeEach(async () => {
  work = new Work()
  await work.open()
})

afterEach(() => work.close())

async function deploymentId(flowName: string): Promise<string> {
  return (await work.client.deployments.readByName({ flow_name: flowName, deployment_name: 'served' })).id
}

test('a run that is asked for is run by the process that serves, with the parameters of deployment and run', async () => {
  const serving = work.script('served.ts')
  await serving.printed('Serving holds/served')

  const runId = await work.trigger(await deploymentId('prints'), { folder: work.folder })

  const run = await work.reached(runId, 'COMPLETED')
  expect(work.calls).toEqual(['step 0', 'step 1'])
  expect(run.tags).toEqual(['night'])
  expect(await work.statesOf(runId)).toEqual(['Scheduled', 'Pending', 'Running', 'Completed'])
})

test('parameters that do not fit the flow are refused before there is a run', async () => {
  await work.script('served.ts').printed('Serving holds/served')

  const refused = work.trigger(await deploymentId('prints'), { folder: work.folder, times: 'twice' })

  await expect(refused).rejects.toThrow("field 'times'")
})

test('told to stop, it ends its runs, takes no others, and goes on with what comes after serving', async () => {
  const serving = work.script('served.ts')
  await serving.printed('Serving holds/served')
  const id = await deploymentId('holds')
  const runId = await work.trigger(id, { folder: work.folder })
  await serving.printed('HOLDS')

  serving.child.kill('SIGTERM')
  await serving.printed('go on to their ends')
  const later = await work.trigger(id, { folder: work.folder })
  writeFileSync(path.join(work.folder, 'gate'), '')
  const { code, stdout } = await serving.ended

  expect(code).toBe(0)
  expect(stdout).toContain('SERVED')
  expect((await work.client.flowRuns.read({ id: runId })).state_type).toBe('COMPLETED')
  expect((await work.client.flowRuns.read({ id: later })).state_type).toBe('SCHEDULED')
})

test('killed, it leaves its run to the next one that serves', async () => {
  const serving = work.script('served.ts')
  await serving.printed('Serving holds/served')
  const runId = await work.trigger(await deploymentId('holds'), { folder: work.folder })
  await serving.printed('HOLDS')

  serving.child.kill('SIGKILL')
  await serving.ended
  writeFileSync(path.join(work.folder, 'gate'), '')
  await work.script('served.ts').printed('Serving holds/served')

  await work.ended(runId, 'COMPLETED')
  expect(await work.statesOf(runId)).toContain('Resuming')
})

test('without a server it says what to do', async () => {
  await work.server.kill()

  const { code, stderr } = await work.script('served.ts').ended

  expect(code).toBe(1)
  expect(stderr).toContain('tutti server start')
})
