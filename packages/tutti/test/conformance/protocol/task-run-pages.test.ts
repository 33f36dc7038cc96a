import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

function send(path: string, body: unknown): Promise<Answer> {
  return server.call('POST', path, body)
}

async function aFlowRun(flow: string): Promise<string> {
  const { body } = await send('/flows/', { name: flow })
  return (await send('/flow_runs/', { flow_id: body.id })).body.id
}

/** Named `task 0` and so on, in the order in which they were made. */
async function taskRuns(flowRunId: string, count: number, type = 'COMPLETED'): Promise<void> {
  for (let nth = 0; nth < count; nth++) {
    const made = { flow_run_id: flowRunId, name: `task ${nth}`, task_key: type, dynamic_key: String(nth), state: { type } }
    await send('/task_runs/', made)
  }
}

function page(body: object): Promise<Answer> {
  return send('/task_runs/page', body)
}

function names({ body }: Answer): readonly string[] {
  return body.items.map(({ name }: { readonly name: string }) => name)
}

describe('a page of task runs', () => {
  it('goes on where the last one ended, also while new ones are made, until there are no more', async () => {
    const flowRunId = await aFlowRun('sync')
    await taskRuns(flowRunId, 5)

    const first = await page({ limit: 2 })
    await taskRuns(await aFlowRun('other'), 3)
    const second = await page({ limit: 2, cursor: first.body.cursor })
    const third = await page({ limit: 2, cursor: second.body.cursor })

    expect([first, second, third].map(names)).toEqual([['task 4', 'task 3'], ['task 2', 'task 1'], ['task 0']])
    expect(third.body.cursor).toBeNull()
  })

  it('is of the task runs that meet conditions, by states, names and flows', async () => {
    await taskRuns(await aFlowRun('sync'), 3)
    await taskRuns(await aFlowRun('sync'), 2, 'FAILED')
    await taskRuns(await aFlowRun('other'), 2, 'FAILED')

    const failed = { task_runs: { state: { type: { any_: ['FAILED'] } } } }
    const first = await page({ ...failed, limit: 3 })
    expect(names(first)).toEqual(['task 1', 'task 0', 'task 1'])
    expect(names(await page({ ...failed, limit: 3, cursor: first.body.cursor }))).toEqual(['task 0'])
    expect(names(await page({ ...failed, flows: { name: { any_: ['other'] } } }))).toEqual(['task 1', 'task 0'])
    expect(names(await page({ task_runs: { name: { like_: 'task 2' } } }))).toEqual(['task 2'])
  })

  it('refuses a cursor of another list', async () => {
    const refused = await page({ cursor: 'nonsense' })

    expect([refused.status, refused.body.code]).toEqual([422, 'INVALID_CURSOR'])
  })
})
