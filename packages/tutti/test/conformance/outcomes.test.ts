import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ResultStorage } from '../../src/core/result-storage.ts'
import { flow } from '../../src/sdk/flow.ts'
import { task } from '../../src/sdk/task.ts'
import { route } from '../../src/server/route.ts'
import { mountOutcomes } from '../../src/server/routes/outcomes.ts'
import { testTutti } from '../../src/testing/index.ts'
import type { TestTutti } from '../../src/testing/index.ts'

// Real flows; what became of them is asked as views do.

let tutti: TestTutti
let app: Hono

beforeEach(async () => {
  tutti = await testTutti()
  app = new Hono({ strict: false })
  mountOutcomes(
    (endpoint, handler) => route(app, endpoint, handler, { onError: (error) => expect.unreachable(String(error)) }),
    tutti.orchestrator,
  )
})
afterEach(() => tutti.close())

async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await app.request(`/api${path}`)
  return { status: response.status, text: await response.text() }
}

const LARGE = 'x'.repeat(400_000)
const dated = flow({ name: 'dated' }, async () => ({ at: new Date('2026-01-01T00:00:00Z') }))
const large = flow({ name: 'large' }, async () => LARGE)
const charge = task({ name: 'charge' }, async () => {
  throw new Error('card declined', { cause: new RangeError('limit 50') })
})
const broken = flow({ name: 'broken' }, async () => charge())

test('a result is told as it is stored, and its text can be had', async () => {
  const { id } = await tutti.run(dated)

  const told = JSON.parse((await get(`/flow_runs/${id}/outcome`)).text)

  expect(told).toMatchObject({ result: { format: 'devalue' }, error: null })
  expect((await get(`/flow_runs/${id}/result`)).text).toBe(told.result.text)
})

test('a large result is told by its size, and can be had', async () => {
  const { id } = await tutti.run(large)

  expect(JSON.parse((await get(`/flow_runs/${id}/outcome`)).text).result).toEqual({
    format: 'json',
    text: null,
    size_bytes: 400_002,
    address: null,
  })
  expect((await get(`/flow_runs/${id}/result`)).text).toBe(JSON.stringify(LARGE))
})

test('a result that the storage of its flow keeps is told by its address', async () => {
  const storage: ResultStorage = { write: (name) => Promise.resolve(`memory://${name}`), read: () => Promise.reject(new Error('not here')) }
  const { id } = await tutti.run(flow({ name: 'elsewhere', results: { storage } }, async () => LARGE))

  const { result } = JSON.parse((await get(`/flow_runs/${id}/outcome`)).text)
  const asked = await get(`/flow_runs/${id}/result`)

  expect(result).toEqual({
    format: 'none',
    text: null,
    size_bytes: expect.any(Number),
    address: expect.stringContaining(`memory://${id}/`),
  })
  expect([asked.status, asked.text]).toEqual([404, expect.stringContaining(`is kept at memory://${id}/`)])
})

test('a failed run, and the task that failed it, tell the error with its stack and cause', async () => {
  const run = await tutti.run(broken)
  const [failed] = run.taskRuns

  for (const path of [`/flow_runs/${run.id}`, `/task_runs/${failed?.id}`]) {
    expect(JSON.parse((await get(`${path}/outcome`)).text)).toMatchObject({
      result: null,
      error: {
        name: 'Error',
        message: 'card declined',
        stack: expect.stringContaining('outcomes.test.ts'),
        cause: { name: 'RangeError', message: 'limit 50', cause: null },
      },
    })
  }
  expect((await get(`/flow_runs/${run.id}/result`)).status).toBe(404)
})

test('a run that is not there is an error', async () => {
  expect((await get('/flow_runs/01a2214e-9df4-7313-9b1e-3dec3e5b4613/outcome')).status).toBe(404)
})
