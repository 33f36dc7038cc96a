import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formatInstant } from '../../../src/core/time.ts'
import { T0 } from '../records.ts'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

function send(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.call(method, path, body)
}

let made = 0
function anEvent(more: object = {}): Record<string, unknown> {
  made += 1
  return {
    id: `019b7600-0000-7000-8000-${String(made).padStart(12, '0')}`,
    event: 'shop.order',
    occurred: formatInstant(T0 - 1_000_000 * (1000 - made)),
    resource: { 'prefect.resource.id': `order.${made}` },
    ...more,
  }
}

async function found(filter: object, limit = 50): Promise<Answer> {
  return send('POST', '/events/filter', { filter, limit })
}

describe('events that clients tell', () => {
  test('are found again as they were told, the newest first', async () => {
    const one = anEvent({ payload: { price: 10.5, none: null } })
    const other = anEvent({ follows: one['id'], related: [{ 'prefect.resource.id': 'c.1', 'prefect.resource.role': 'customer' }] })
    expect((await send('POST', '/events', [one, other])).status).toBe(204)

    const { body } = await found({ event: { name: ['shop.order'] } })

    expect(body.total).toBe(2)
    expect(body.events).toMatchObject([
      { id: other['id'], follows: one['id'], related: [{ 'prefect.resource.role': 'customer' }] },
      { id: one['id'], payload: { price: 10.5, none: null }, follows: null },
    ])
  })

  test('are kept once, however often they are told', async () => {
    const event = anEvent()
    await send('POST', '/events', [event])
    await send('POST', '/events', [event, event])

    expect((await found({ event: { name: ['shop.order'] } })).body.total).toBe(1)
  })

  test('need a resource with an id', async () => {
    expect((await send('POST', '/events', [anEvent({ resource: { colour: 'red' } })])).status).toBe(422)
  })

  test('come in pages whose addresses come with them', async () => {
    await send('POST', '/events', [anEvent(), anEvent(), anEvent()])

    const first = (await found({ event: { name: ['shop.order'] } }, 2)).body
    const rest = (await send('GET', first.next_page.slice(first.next_page.indexOf('/api/') + 4))).body

    expect([first.events.length, rest.events.length, rest.next_page]).toEqual([2, 1, null])
    expect(new Set([...first.events, ...rest.events].map(({ id }: { id: string }) => id)).size).toBe(3)
  })

  test('are found by labels, which the database does not know', async () => {
    await send('POST', '/events', [
      anEvent({ resource: { 'prefect.resource.id': 'a', colour: 'dark red' } }),
      anEvent({ resource: { 'prefect.resource.id': 'b', colour: 'blue' } }),
    ])

    const { body } = await found({ event: { prefix: ['shop.'] }, resource: { labels: { colour: '*red' } } })

    expect([body.total, body.events[0].resource['prefect.resource.id']]).toEqual([1, 'a'])
  })

  test('are counted by their names', async () => {
    await send('POST', '/events', [anEvent(), anEvent(), anEvent({ event: 'shop.refund' })])

    const { body } = await send('POST', '/events/count-by/event', { filter: { event: { prefix: ['shop.'] } } })

    expect(body).toMatchObject([
      { value: 'shop.order', count: 2 },
      { value: 'shop.refund', count: 1 },
    ])
  })

  test('a token that this server did not make is refused', async () => {
    expect((await send('GET', '/events/filter/next?page-token=abc')).status).toBe(403)
  })
})

describe('events of runs', () => {
  const flowRunId = '019b7600-0000-7000-8000-0000000f0001'
  const taskRunId = '019b7600-0000-7000-8000-0000000f0002'

  function aTaskRunEvent(type: string, name: string, at: number, id: string): Record<string, unknown> {
    return {
      id: `019b7600-0000-7000-8000-0000000e000${id}`,
      event: `prefect.task-run.${name}`,
      occurred: formatInstant(T0 + at),
      resource: { 'prefect.resource.id': `prefect.task-run.${taskRunId}`, 'prefect.orchestration': 'client' },
      related: [{ 'prefect.resource.id': `prefect.flow-run.${flowRunId}`, 'prefect.resource.role': 'flow-run' }],
      payload: {
        intended: { from: null, to: type },
        initial_state: null,
        validated_state: { type, name, message: '', state_details: {}, data: null },
        task_run: {
          name: 'add-0',
          task_key: 'add-1',
          dynamic_key: '0',
          empirical_policy: { retries: 2, retry_delay: 1.5 },
          tags: ['nightly'],
          labels: {},
          task_inputs: { x: [] },
          run_count: 1,
          total_run_time: 0.25,
        },
      },
    }
  }

  test('the events of a task run make its row, in whatever order they come', async () => {
    const pending = aTaskRunEvent('PENDING', 'Pending', 0, '1')
    const running = aTaskRunEvent('RUNNING', 'Running', 10, '2')
    const completed = aTaskRunEvent('COMPLETED', 'Completed', 20, '3')
    await send('POST', '/events', [running, completed])
    await send('POST', '/events', [pending, running])

    const { body } = await send('GET', `/task_runs/${taskRunId}`)
    const states = (await send('GET', `/task_run_states/?task_run_id=${taskRunId}`)).body

    expect(body).toMatchObject({
      name: 'add-0',
      flow_run_id: flowRunId,
      state_name: 'Completed',
      run_count: 1,
      total_run_time: 0.25,
      tags: ['nightly'],
      empirical_policy: { retries: 2, retry_delay: 1.5 },
      state: { id: completed['id'], message: '', state_details: { task_run_id: taskRunId, flow_run_id: flowRunId } },
    })
    expect(states.map(({ name }: { name: string }) => name)).toEqual(['Pending', 'Running', 'Completed'])
  })

  test('an event of a task run is understood although it says more than is known today', async () => {
    const event = aTaskRunEvent('RUNNING', 'Running', 10, '2')
    const { validated_state: state, task_run: task } = event['payload'] as { validated_state: object; task_run: object }
    await send('POST', '/events', [{ ...event, payload: { validated_state: { ...state, cause: 'x' }, task_run: { ...task, cost: 1 } } }])

    expect((await send('GET', `/task_runs/${taskRunId}`)).body).toMatchObject({ name: 'add-0', state_name: 'Running' })
  })

  test('each state of a flow run is an event with its id, which follows the one before', async () => {
    const flowId = (await send('POST', '/flows/', { name: 'sync' })).body.id
    const runId = (await send('POST', '/flow_runs/', { flow_id: flowId, tags: ['a'] })).body.id
    await send('POST', `/flow_runs/${runId}/set_state`, { state: { type: 'RUNNING' } })

    const events = (
      await found({ resource: { id: [`prefect.flow-run.${runId}`] }, order: 'ASC', occurred: { until: formatInstant(T0 + 1e12) } })
    ).body.events
    const states = (await send('GET', `/flow_run_states/?flow_run_id=${runId}`)).body

    expect(events.map(({ event }: { event: string }) => event)).toEqual(['prefect.flow-run.Pending', 'prefect.flow-run.Running'])
    expect(events.map(({ id }: { id: string }) => id)).toEqual(states.map(({ id }: { id: string }) => id))
    expect(events[1]).toMatchObject({
      follows: events[0].id,
      resource: { 'prefect.state-type': 'RUNNING', 'prefect.run-count': '1' },
      payload: { intended: { from: 'PENDING', to: 'RUNNING' } },
    })
    expect(events[1].related).toEqual([
      { 'prefect.resource.id': `prefect.flow.${flowId}`, 'prefect.resource.role': 'flow', 'prefect.resource.name': 'sync' },
      { 'prefect.resource.id': 'prefect.tag.a', 'prefect.resource.role': 'tag' },
    ])
  })

  test('an event of a run of a deployment names all that it belongs to, and their tags', async () => {
    const flowId = (await send('POST', '/flows/', { name: 'sync', tags: ['b'] })).body.id
    await send('POST', '/work_pools/', { name: 'docker', type: 'docker' })
    const { body: deployment } = await send('POST', '/deployments/', {
      flow_id: flowId,
      name: 'prod',
      tags: ['c'],
      work_pool_name: 'docker',
    })
    const parent = (await send('POST', '/flow_runs/', { flow_id: flowId })).body.id
    const task = { flow_run_id: parent, task_key: 'sub', dynamic_key: '0', name: 'sub-0', tags: ['a', 'b'] }
    const taskId = (await send('POST', '/task_runs/', task)).body.id
    const asked = { parent_task_run_id: taskId, tags: ['d'] }
    const run = (await send('POST', `/deployments/${deployment.id}/create_flow_run`, asked)).body

    const [event] = (await found({ resource: { id: [`prefect.flow-run.${run.id}`] }, occurred: { until: formatInstant(T0 + 1e12) } })).body
      .events

    const part = (kind: string, id: string, role: string, name: string): object => ({
      'prefect.resource.id': `prefect.${kind}.${id}`,
      'prefect.resource.role': role,
      'prefect.resource.name': name,
    })
    const tag = (name: string): object => ({ 'prefect.resource.id': `prefect.tag.${name}`, 'prefect.resource.role': 'tag' })
    expect(event.related).toEqual([
      part('flow', flowId, 'flow', 'sync'),
      part('deployment', deployment.id, 'deployment', 'prod'),
      part('work-queue', run.work_queue_id, 'work-queue', 'default'),
      { ...part('work-pool', run.work_pool_id, 'work-pool', 'docker'), 'prefect.work-pool.type': 'docker' },
      part('task-run', taskId, 'task-run', 'sub-0'),
      ...['a', 'b', 'c', 'd'].map(tag),
    ])
  })
})
