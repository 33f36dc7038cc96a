// A worker started by its command, with a server and flows of their own: what people who deploy flows rely on.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Work } from './work.ts'

let work: Work

beforeEach(async () => {
  work = new Work()
  await work.open()
})

afterEach(() => work.close())

test('a run is given to a worker, in the folder of its code, and what it prints stands in its log', async () => {
  await work.worker()
  const id = await work.deployment('prints', { job_variables: { env: { GREETING: 'hello' } } })

  const runId = await work.trigger(id, { times: 2 })

  const run = await work.reached(runId, 'COMPLETED')
  const log = await work.logged(runId, 'to the other stream')
  expect(log).toContain(`stdout: in ${path.join(import.meta.dirname, 'flows')} with hello`)
  expect(log).toContain('stderr: to the other stream')
  expect(work.calls).toEqual(['step 0', 'step 1'])
  expect(run.work_pool_name).toBe('local')
  expect(await work.labelled(runId, 'tutti.cpu_ms')).toMatchObject({ 'tutti.memory_max_bytes': expect.any(Number) })
  expect(await work.statesOf(runId)).toEqual(['Scheduled', 'Pending', 'Running', 'Completed'])
})

test('a pool that is not there is made when the worker is told its type, and not by a slip of the hand', async () => {
  const { code, stderr } = await work.command('worker', 'start', '--pool', 'lcoal').ended

  expect(code).toBe(1)
  expect(stderr).toContain('there is no work pool lcoal')
  expect(stderr).toContain('--type process')
})

test('a process that has the code loaded is used again, unless each run is to be alone', async () => {
  await work.worker('--limit', '1')
  const shared = await work.deployment('prints')
  const alone = await work.deployment('prints', { name: 'alone', job_variables: { isolation: 'run' } })
  const processOf = async (id: string): Promise<string | undefined> => {
    const runId = await work.trigger(id, { times: 0 })
    await work.reached(runId, 'COMPLETED')
    return (await work.logged(runId, 'process ')).find((line) => line.includes('process '))
  }

  const first = await processOf(shared)
  const second = await processOf(shared)
  const others = [await processOf(alone), await processOf(alone)]

  expect(second).toBe(first)
  expect(new Set([first, ...others]).size).toBe(3)
})

test('parameters that do not fit the flow, and code that is not there, are the end of the run and say so', async () => {
  await work.worker()
  const wrong = await work.trigger(await work.deployment('prints'), { times: 7 })
  const missing = await work.trigger(await work.deployment('prints', { name: 'missing', entrypoint: 'gone.ts:prints' }), { times: 1 })
  const unnamed = await work.trigger(await work.deployment('prints', { name: 'unnamed', entrypoint: 'worked.ts:print' }), { times: 1 })

  expect((await work.reached(wrong, 'FAILED')).state?.message).toContain('times')
  expect((await work.reached(missing, 'FAILED')).state?.message).toMatch(/no file .*gone\.ts/)
  expect((await work.reached(unnamed, 'FAILED')).state?.message).toContain('did you mean prints?')
  expect((await work.logged(missing, 'gone.ts')).length).toBeGreaterThan(0)
})

test('a run whose process is killed goes on in another one: finished tasks are not called again', async () => {
  await work.worker()
  const id = await work.deployment('dies', { options: { crash_restarts: 2 } })

  const runId = await work.trigger(id)

  await work.ended(runId, 'COMPLETED')
  expect(work.calls).toEqual(['step 1', 'step 2'])
  expect(await work.statesOf(runId)).toEqual(['Scheduled', 'Pending', 'Running', 'Crashed', 'Resuming', 'Pending', 'Running', 'Completed'])
})

test('a run that kills its process every time has failed after its limit', async () => {
  await work.worker()
  const id = await work.deployment('always-dies', { options: { crash_restarts: 1 } })

  const runId = await work.trigger(id)

  const run = await work.ended(runId, 'FAILED')
  expect(run.state?.message).toContain('has died 2 times')
  expect(work.calls).toEqual(['step 1'])
})

test('a run that is cancelled runs its hooks, and nothing that it has started is left', async () => {
  const worker = await work.worker()
  const runId = await work.trigger(await work.deployment('holds'))
  await worker.printed('HOLDS')
  const below = Number(readFileSync(path.join(work.folder, 'below'), 'utf8'))
  expect(isAlive(below)).toBe(true)

  await work.command('flow-run', 'cancel', runId).ended
  await work.reached(runId, 'CANCELLED')

  await worker.printed('ended as Cancelled')
  await until(() => !isAlive(below))
  expect(work.calls).toEqual(['hook'])
})

test('code that never yields is ended with its process, and its run is Cancelled', async () => {
  const worker = await work.worker()
  const runId = await work.trigger(await work.deployment('spins', { options: { crash_restarts: 3 } }))
  await worker.printed('SPINS')

  await work.command('flow-run', 'cancel', runId).ended

  await work.ended(runId, 'CANCELLED')
  await worker.printed('ended: ')
  expect((await work.client.flowRuns.read({ id: runId })).state_type).toBe('CANCELLED')
})

test('a worker that is told to stop lets its run go on to its end and takes no other; what it leaves another worker does', async () => {
  const worker = await work.worker('--name', 'first')
  const id = await work.deployment('holds')
  const first = await work.trigger(id)
  await worker.printed('HOLDS')

  worker.child.kill('SIGTERM')
  await worker.printed('no more runs are taken')
  const second = await work.trigger(id)
  writeFileSync(path.join(work.folder, 'gate'), '')
  const { code } = await worker.ended

  expect(code).toBe(0)
  expect((await work.reached(first, 'COMPLETED')).state_type).toBe('COMPLETED')
  expect((await work.client.flowRuns.read({ id: second })).state_type).toBe('SCHEDULED')
  await work.worker('--name', 'other')
  await work.reached(second, 'COMPLETED')
})

test('told to stop twice, a worker ends its runs at once; they go on with another one', async () => {
  const worker = await work.worker()
  const runId = await work.trigger(await work.deployment('holds', { options: { crash_restarts: 3 } }))
  await worker.printed('HOLDS')

  worker.child.kill('SIGTERM')
  await worker.printed('no more runs are taken')
  worker.child.kill('SIGTERM')
  await worker.ended

  writeFileSync(path.join(work.folder, 'gate'), '')
  expect(existsSync(path.join(work.folder, 'calls'))).toBe(false)
  await work.worker('--name', 'other')
  await work.reached(runId, 'COMPLETED')
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}
