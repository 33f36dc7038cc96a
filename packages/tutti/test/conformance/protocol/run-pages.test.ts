import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer
let flowId: string

beforeEach(async () => {
  server = await openServer()
  flowId = (await send('POST', '/flows/', { name: 'sync' })).body.id
})
afterEach(() => server.close())

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, path, body)
}

async function aRun(name: string, more: object = {}): Promise<string> {
  const { body } = await send('POST', '/flow_runs/', { flow_id: flowId, name, state: { type: 'RUNNING' }, ...more })
  return body.id
}

async function end(id: string, type = 'COMPLETED'): Promise<void> {
  await send('POST', `/flow_runs/${id}/set_state`, { state: { type }, force: true })
}

async function stateOf(id: string): Promise<string> {
  return (await send('GET', `/flow_runs/${id}`)).body.state_type
}

function page(body: object): Promise<Answer> {
  return send('POST', '/flow_runs/page', body)
}

function names({ body }: Answer): readonly string[] {
  return body.items.map(({ name }: { readonly name: string }) => name)
}

describe('a page of flow runs', () => {
  it('goes on in both directions, also while new runs are made', async () => {
    for (let nth = 0; nth < 5; nth++) await aRun(`run ${nth}`)

    const first = await page({ limit: 2 })
    expect([names(first), first.body.prev_cursor]).toEqual([['run 4', 'run 3'], null])
    await aRun('run 5')
    const second = await page({ limit: 2, cursor: first.body.cursor })
    expect(names(second)).toEqual(['run 2', 'run 1'])
    const third = await page({ limit: 2, cursor: second.body.cursor })
    expect([names(third), third.body.cursor]).toEqual([['run 0'], null])

    const back = await page({ limit: 2, cursor: third.body.prev_cursor })
    expect(names(back)).toEqual(['run 2', 'run 1'])
    const newer = await page({ limit: 2, cursor: back.body.prev_cursor })
    expect(names(newer)).toEqual(['run 4', 'run 3'])
    const newest = await page({ limit: 2, cursor: newer.body.prev_cursor })
    expect([names(newest), newest.body.prev_cursor]).toEqual([['run 5'], null])
    expect(names(await page({ limit: 2, cursor: newest.body.cursor }))).toEqual(['run 4', 'run 3'])
  })

  it('tells the names of the flows and deployments that its runs are of', async () => {
    const { id } = (await send('POST', '/deployments/', { name: 'nightly', flow_id: flowId })).body
    await send('POST', `/deployments/${id}/create_flow_run`, {})
    await aRun('by hand')

    const { body } = await page({})
    expect(body.names).toEqual({ flows: { [flowId]: 'sync' }, deployments: { [id]: 'nightly' } })
  })

  it('is in the order of ages, starts, ends and durations', async () => {
    const quick = await aRun('quick')
    server.clock.advance(1_000)
    const slow = await aRun('slow')
    server.clock.advance(1_000)
    await end(quick)
    server.clock.advance(9_000)
    await end(slow)
    await aRun('waits', { state: { type: 'SCHEDULED', state_details: { scheduled_time: '2036-01-01T00:00:00Z' } } })

    const sorted = async (sort: string): Promise<readonly string[]> => {
      const one = await page({ sort, limit: 1 })
      const rest = await page({ sort, limit: 5, cursor: one.body.cursor })
      return [...names(one), ...names(rest)]
    }
    expect(await sorted('OLDEST')).toEqual(['quick', 'slow', 'waits'])
    expect(await sorted('START_TIME_DESC')).toEqual(['waits', 'slow', 'quick'])
    expect(await sorted('EXPECTED_START_TIME_ASC')).toEqual(['quick', 'slow', 'waits'])
    expect(await sorted('END_TIME_DESC')).toEqual(['slow', 'quick', 'waits'])
    expect(await sorted('DURATION_DESC')).toEqual(['slow', 'quick', 'waits'])
    expect(await sorted('DURATION_ASC')).toEqual(['waits', 'quick', 'slow'])
  })

  it.each(['START_TIME_DESC', 'EXPECTED_START_TIME_ASC', 'NEWEST'])(
    'has each run once whose state is of a type or has a name, in the order %s',
    async (sort) => {
      const states = [
        { type: 'FAILED' },
        { type: 'FAILED', name: 'NoData' },
        { type: 'COMPLETED' },
        { type: 'COMPLETED', name: 'NoData' },
        { type: 'SCHEDULED', name: 'Late' },
        { type: 'CRASHED' },
      ]
      for (const [nth, state] of states.entries()) {
        await aRun(`${nth} ${state.type} ${state.name ?? ''}`.trim(), { state })
        server.clock.advance(1_000)
      }
      const of = async (state: object): Promise<readonly string[]> => {
        const first = await page({ sort, limit: 2, flow_runs: { state: { operator: 'or_', ...state } } })
        const rest = await page({ sort, limit: 9, flow_runs: { state: { operator: 'or_', ...state } }, cursor: first.body.cursor })
        const found = first.body.cursor === null ? names(first) : [...names(first), ...names(rest)]
        return sort.endsWith('ASC') ? found : found.toReversed()
      }

      expect(await of({ type: { any_: ['FAILED'] }, name: { any_: ['NoData', 'Late'] } })).toEqual([
        '0 FAILED',
        '1 FAILED NoData',
        '3 COMPLETED NoData',
        '4 SCHEDULED Late',
      ])
      expect(await of({ name: { any_: ['NoData'] } })).toEqual(['1 FAILED NoData', '3 COMPLETED NoData'])
      expect(await of({ name: { any_: ['Late', 'Late'] } })).toEqual(['4 SCHEDULED Late'])
      const many = Array.from({ length: 600 }, (_, nth) => `Name ${nth}`)
      expect(await of({ name: { any_: ['Late', ...many] } })).toEqual(['4 SCHEDULED Late'])
      expect(await of({ name: { any_: ['Failed', 'Late'] } })).toEqual(['0 FAILED', '4 SCHEDULED Late'])
    },
  )

  it('is of the runs that meet conditions, by states, tags, pools and text in their parameters', async () => {
    await send('POST', '/work_pools/', { name: 'pool', type: 'process' })
    const good = await aRun('good', { parameters: { city: 'Berlin', share: '100%' }, tags: ['a', 'b'] })
    await end(good)
    const bad = await aRun('bad', { parameters: { city: 'Paris' }, tags: ['a'], work_pool_name: 'pool' })
    await end(bad, 'FAILED')

    expect(names(await page({ parameters: { like_: 'berlin' } }))).toEqual(['good'])
    expect(names(await page({ parameters: { like_: '0%' } }))).toEqual(['good'])
    expect(names(await page({ parameters: { like_: '_erlin' } }))).toEqual([])
    expect(names(await page({ flow_runs: { state: { type: { any_: ['FAILED', 'CRASHED'] } } } }))).toEqual(['bad'])
    expect(names(await page({ flow_runs: { tags: { all_: ['a', 'b'] } } }))).toEqual(['good'])
    expect(names(await page({ flow_runs: { tags: { any_: ['a'] } } }))).toEqual(['bad', 'good'])
    expect(names(await page({ work_pools: { name: { any_: ['pool'] } } }))).toEqual(['bad'])
    expect(names(await page({ flow_runs: { state: { type: { any_: ['FAILED', 'COMPLETED'] } } }, sort: 'OLDEST' }))).toEqual([
      'good',
      'bad',
    ])
  })

  it('refuses a cursor of another order, and one that was made up', async () => {
    await aRun('one')
    await aRun('two')
    const { cursor } = (await page({ limit: 1 })).body

    expect((await page({ sort: 'OLDEST', cursor })).body).toMatchObject({ code: 'INVALID_CURSOR' })
    expect((await page({ cursor: 'nonsense' })).status).toBe(422)
  })
})

describe('an action on many runs', () => {
  function plan(body: object): Promise<Answer> {
    return send('POST', '/flow_runs/bulk/plan', body)
  }

  async function act(body: object): Promise<Answer['body']> {
    const answer = await send('POST', '/flow_runs/bulk', body)
    expect(answer.status).toBe(200)
    return answer.body
  }

  it('is previewed by state: how many it would touch, and why it would not touch the rest', async () => {
    await aRun('one')
    await aRun('two')
    await end(await aRun('three'))

    const { body } = await plan({ action: 'cancel' })

    expect(body).toMatchObject({ action: 'cancel', touched: 2, untouched: 1, more: false })
    expect(body.states).toEqual([
      { state_type: 'RUNNING', count: 2, touched: true, why_not: null },
      { state_type: 'COMPLETED', count: 1, touched: false, why_not: 'has ended' },
    ])
    expect((await plan({ action: 'delete', parameters: { like_: 'x' } })).body).toMatchObject({ touched: 0, untouched: 0 })
    expect((await plan({ action: 'explode' })).status).toBe(422)
  })

  it('goes on until it is done, and leaves alone what was made after the preview', async () => {
    const runs = []
    for (const name of ['a', 'b', 'c']) runs.push(await aRun(name))
    const { body } = await plan({ action: 'cancel' })
    server.clock.advance(1_000)
    const later = await aRun('later')

    const request = { action: 'cancel', up_to: body.up_to, expected_count: body.touched, limit: 2 }
    const first = await act(request)
    expect(first).toMatchObject({ done: 2, total_done: 2, refused: [] })
    const second = await act({ ...request, cursor: first.cursor })

    expect(second).toMatchObject({ done: 1, total_done: 3, cursor: null })
    for (const run of runs) expect(['CANCELLING', 'CANCELLED']).toContain(await stateOf(run))
    expect(await stateOf(later)).toBe('RUNNING')
  })

  it('touches no more runs than were expected', async () => {
    for (const name of ['a', 'b', 'c']) await end(await aRun(name))
    const { up_to: upTo } = (await plan({ action: 'delete' })).body

    expect(await act({ action: 'delete', up_to: upTo, expected_count: 2 })).toMatchObject({ done: 2, cursor: null })
    expect(names(await page({}))).toHaveLength(1)
  })

  it('deletes runs that have ended and none that is under way, as the filter says', async () => {
    const going = await aRun('going', { tags: ['old'] })
    await end(await aRun('old', { tags: ['old'] }))
    const kept = await aRun('kept')
    await end(kept)

    const filter = { action: 'delete', flow_runs: { tags: { any_: ['old'] } } }
    const { up_to: upTo } = (await plan(filter)).body
    await act({ ...filter, up_to: upTo })

    expect(new Set(names(await page({})))).toEqual(new Set(['going', 'kept']))
    expect(await stateOf(going)).toBe('RUNNING')
  })

  it('retries what failed, and tells of each run that it could not change', async () => {
    const deployment = (await send('POST', '/deployments/', { flow_id: flowId, name: 'prod' })).body.id
    const failed = (await send('POST', `/deployments/${deployment}/create_flow_run`, { state: { type: 'RUNNING' } })).body.id
    await end(failed, 'FAILED')
    const { up_to: upTo, touched } = (await plan({ action: 'retry' })).body
    expect(touched).toBe(1)

    expect(await act({ action: 'retry', up_to: upTo })).toMatchObject({ done: 1, refused: [], cursor: null })
    expect(await stateOf(failed)).toBe('SCHEDULED')
  })

  it('pauses what runs and resumes what is paused', async () => {
    const deployment = (await send('POST', '/deployments/', { flow_id: flowId, name: 'prod' })).body.id
    const run = (await send('POST', `/deployments/${deployment}/create_flow_run`, { state: { type: 'RUNNING' } })).body.id
    const now = async (action: string) => ({ action, up_to: (await plan({ action })).body.up_to })

    expect(await act(await now('pause'))).toMatchObject({ done: 1, refused: [] })
    expect(await stateOf(run)).toBe('PAUSED')
    expect(await act(await now('resume'))).toMatchObject({ done: 1, refused: [] })
    expect(['RUNNING', 'SCHEDULED']).toContain(await stateOf(run))
  })
})
