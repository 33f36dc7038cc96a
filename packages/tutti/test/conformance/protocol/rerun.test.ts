import { afterEach, beforeEach, expect, test } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

// Runs of deployments are run again by their workers; those of other clients only as a whole.

const SCHEMA = { type: 'object', properties: { day: { type: 'string' }, count: { type: 'integer' } } }

let server: TestServer
let deployment: string

beforeEach(async () => {
  server = await openServer()
  await server.call('POST', '/work_pools/', { name: 'pool', type: 'process' })
  deployment = await deploy('1.0')
})
afterEach(() => server.close())

async function deploy(version: string): Promise<string> {
  const { body: flow } = await server.call('POST', '/flows/', { name: 'sync' })
  const made = { flow_id: flow.id, name: 'nightly', work_pool_name: 'pool', version, parameter_openapi_schema: SCHEMA }
  return (await server.call('POST', '/deployments/', made)).body.id
}

/** A run that a worker of another client brought to its end. */
async function endedRun(type = 'COMPLETED'): Promise<string> {
  const { body: run } = await server.call('POST', `/deployments/${deployment}/create_flow_run`, {
    parameters: { day: '2026-01-01', count: 1 },
    name: 'calm-heron',
    tags: ['big'],
  })
  await server.call('POST', '/work_pools/pool/claim', { worker: 'w1' })
  for (const state of ['RUNNING', type]) await server.call('POST', `/flow_runs/${run.id}/set_state`, { state: { type: state } })
  return run.id
}

function rerun(id: string, body: object = {}): Promise<Answer> {
  return server.call('POST', `/flow_runs/${id}/rerun`, body)
}

test('a run of a deployment is made anew for its workers, and linked to the one before', async () => {
  const id = await endedRun('FAILED')
  const { status, body } = await rerun(id)
  const { body: run } = await server.call('GET', `/flow_runs/${body.flow_run_id}`)
  const { body: claimed } = await server.call('POST', '/work_pools/pool/claim', { worker: 'w1' })

  expect([status, body.is_new, body.flow_run_name]).toEqual([200, true, 'calm-heron-rerun'])
  expect(run).toMatchObject({
    state_name: 'Scheduled',
    deployment_id: deployment,
    work_pool_name: 'pool',
    parameters: { day: '2026-01-01', count: 1 },
    tags: ['big'],
    labels: { 'tutti.rerun-of': id },
    created_by: { id, type: 'RERUN', display_value: 'calm-heron' },
  })
  expect(claimed).toMatchObject([{ flow_run: { id: body.flow_run_id } }])
})

test('single parameters are changed, and held against the schema of the deployment', async () => {
  const id = await endedRun()
  const { body } = await rerun(id, { parameters: { day: '2026-01-02' }, name: 'other-day' })
  const wrong = await rerun(id, { parameters: { count: 'many' } })

  expect((await server.call('GET', `/flow_runs/${body.flow_run_id}`)).body).toMatchObject({
    name: 'other-day',
    parameters: { day: '2026-01-02', count: 1 },
  })
  expect(wrong).toMatchObject({ status: 422, text: expect.stringContaining('count') })
})

test('the code is that which the run had, or the newest', async () => {
  const id = await endedRun()
  await deploy('2.0')
  const same = (await rerun(id)).body.flow_run_id
  const newest = (await rerun(id, { code: 'newest' })).body.flow_run_id

  const versions = []
  for (const run of [same, newest]) versions.push((await server.call('GET', `/flow_runs/${run}`)).body.deployment_version)
  expect(versions).toEqual(['1.0', '2.0'])
})

test('a run that failed is retried by its workers, also one of another client', async () => {
  const id = await endedRun('FAILED')
  const { body } = await rerun(id, { in_place: true })
  const { body: claimed } = await server.call('POST', '/work_pools/pool/claim', { worker: 'w1' })

  expect([body.flow_run_id, body.is_new]).toEqual([id, false])
  expect(claimed).toMatchObject([{ flow_run: { id } }])
})

test('what cannot be is refused: a run that goes on, parts of a run of another client, a deployment that is gone', async () => {
  const ended = await endedRun()
  const waiting = (await rerun(ended)).body.flow_run_id
  const answers = [
    await rerun(waiting),
    await rerun(ended, { from: 'load' }),
    await rerun(ended, { in_place: true }),
    await rerun(ended, { of: 1 }),
  ]
  await server.call('DELETE', `/deployments/${deployment}`)
  answers.push(await rerun(ended))

  expect(answers.map(({ status }) => status)).toEqual([409, 409, 409, 422, 409])
  expect(answers[1]?.text).toContain('not run by an engine of Tutti')
  expect((await server.call('POST', `/flow_runs/${ended}/rerun/plan`, {})).body).toEqual({
    reused_count: 0,
    again_count: 0,
    reused: [],
    again: [],
  })
})
