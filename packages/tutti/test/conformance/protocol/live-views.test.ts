import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Client, TaskRunRow, TaskRunsMessage } from '../../../src/client/index.ts'
import type { FlowRun } from '../../../src/core/flow-run.ts'
import type { Checkpoint } from '../../../src/core/task-run.ts'
import { Actions, Processes, StoppedTime } from '../home.ts'
import { SECOND, T0 } from '../records.ts'
import { openLiveServer } from './live-server.ts'
import type { LiveServer } from './live-server.ts'

let server: LiveServer
let client: Client
let actions: Actions

beforeEach(async () => {
  server = await openLiveServer()
  ;({ client } = server)
  actions = new Actions({ orchestrator: server.orchestrator, time: new StoppedTime(), processes: new Processes() })
})
afterEach(() => server.close())

function write(...checkpoints: readonly Checkpoint[]): Promise<unknown> {
  return actions.flush(...checkpoints.map((checkpoint) => ({ type: 'checkpoint', checkpoint }) as const))
}

/** Task runs of a run that have begun. */
function begun(run: FlowRun, count: number): readonly Checkpoint[] {
  const { records } = actions
  const open = { flowRunId: run.id, sequence: 1, state: records.state('running'), number: null, endedAt: null, outcome: null }
  return Array.from({ length: count }, () => records.checkpoint(open))
}

function ended(checkpoint: Checkpoint): Checkpoint {
  const { id, type, name, timestamp } = checkpoint.state
  const state = actions.records.state('completed', timestamp + SECOND)
  return { ...checkpoint, sequence: checkpoint.sequence + 1, state, history: [{ id, type, name, timestamp }], endedAt: state.timestamp }
}

/** What a reader shows: of each task run the row that came last. */
class Shown {
  readonly rows = new Map<string, TaskRunRow>()
  told = 0

  read(message: TaskRunsMessage): void {
    if (message.type === 'end') return
    for (const row of message.task_runs) {
      this.told += 1
      this.rows.set(row.id, row)
    }
  }

  of(state: TaskRunRow['state_type']): number {
    return [...this.rows.values()].filter((row) => row.state_type === state).length
  }
}

describe('the task runs of a flow run', () => {
  test('that has ended are told in pages, each once, and then the stream ends', async () => {
    const run = await actions.begin()
    await write(...begun(run, 1_200).map(ended))
    await actions.end(run)

    const sizes: (number | 'end')[] = []
    const shown = new Shown()
    for await (const message of client.live.taskRuns({ id: run.id })) {
      shown.read(message)
      sizes.push(message.type === 'end' ? 'end' : message.task_runs.length)
    }

    expect(sizes).toEqual([1_000, 200, 'end'])
    expect([shown.told, shown.of('COMPLETED')]).toEqual([1_200, 1_200])
  })

  test('say whether more of them come, and how many they are as soon as that is counted', async () => {
    const run = await actions.begin()
    await write(...begun(run, 2_000))

    const told: unknown[] = []
    for await (const message of client.live.taskRuns({ id: run.id })) {
      if (message.type === 'end') break
      told.push([message.task_runs.length, message.more, message.total])
      if (!message.more) break
    }

    // Nobody knows of a page that it is the last before it is asked for the next.
    expect(told).toEqual([
      [1_000, true, null],
      [1_000, true, 2_000],
      [0, false, 2_000],
    ])
  })

  test('are told with what they waited for, what they were before, and the sub-flow run they stand for', async () => {
    const { root, mirrorId, child } = await actions.beginTree()
    const [first] = begun(root, 1)
    const second = actions.records.checkpoint({
      flowRunId: root.id,
      upstream: [first!.id, mirrorId],
      parentTaskRunId: first!.id,
      tags: ['slow'],
      state: { ...actions.records.state('scheduled', T0, { name: 'AwaitingRetry' }), type: 'scheduled', scheduledFor: T0 + SECOND },
      failures: 1,
      endedAt: null,
      outcome: null,
    })
    await write(ended(first!), second)
    await actions.end(child)
    await actions.end(root)

    const { rows } = await readAll(root.id)

    expect(rows.get(mirrorId)).toMatchObject({ kind: 'flow', child_flow_run_id: child.id, child_flow_run_name: 'child' })
    expect(rows.get(first!.id)).toMatchObject({ sequence: 2, history: [{ type: 'RUNNING', name: 'Running' }], flow_run_attempt: 1 })
    expect(rows.get(second.id)).toMatchObject({
      upstream: [first!.id, mirrorId],
      parent_task_run_id: first!.id,
      tags: ['slow'],
      failures: 1,
    })
  })

  test('of a foreign client are told with their inputs', async () => {
    const flow = await client.flows.create({ body: { name: 'sync' } })
    const run = await client.flowRuns.create({ body: { flow_id: flow.id, state: { type: 'RUNNING' } } })
    const made = { flow_run_id: run.id, task_key: 'add', state: { type: 'PENDING' } } as const
    const one = await client.taskRuns.create({ body: { ...made, dynamic_key: '0' } })
    const inputs = { x: [{ input_type: 'task_run', id: one.id }], __parents__: [{ input_type: 'task_run', id: one.id }] }
    const two = await client.taskRuns.create({ body: { ...made, dynamic_key: '1', task_inputs: inputs } })

    const message = (await client.live.taskRuns({ id: run.id }).next()).value

    expect(message).toMatchObject({
      task_runs: [
        { id: one.id, upstream: [] },
        { id: two.id, upstream: [one.id], parent_task_run_id: one.id, state_type: 'PENDING' },
      ],
    })
  })

  test('are told while they change, over however many connections, and those that nobody changed are not told again', async () => {
    const run = await actions.begin()
    const open = begun(run, 1_500)
    await write(...open)
    const steps = [
      () => write(...open.slice(0, 10).map(ended)),
      () => write(...open.slice(10, 1_400).map(ended), ...begun(run, 3)),
      () => actions.end(run),
    ]

    const shown = new Shown()
    const next = async (isDue: boolean): Promise<void> => {
      if (!isDue) return
      server.proxy.cut()
      await steps.shift()?.()
    }
    for await (const message of client.live.taskRuns({ id: run.id })) {
      shown.read(message)
      await next(steps.length === 3 && shown.rows.size === 1_500)
      await next(steps.length === 2 && shown.of('COMPLETED') === 10)
      await next(steps.length === 1 && shown.of('COMPLETED') === 1_400 && shown.rows.size === 1_503)
    }

    expect([shown.of('COMPLETED'), shown.rows.size]).toEqual([1_400, 1_503])
    // Whoever comes back has what it has; a page may have been lost on its way.
    expect(shown.told).toBeLessThan(1_503 + 1_400 + 1_500)
  })

  test('that nobody told of are found before the end is told', async () => {
    const run = await actions.begin()
    const [one] = begun(run, 1)
    await write(one!)
    const messages = client.live.taskRuns({ id: run.id })
    const first = (await messages.next()).value

    // Whoever gives a run up ends its task runs with it.
    await server.orchestrator.flowRuns.command(run.id, { type: 'cancel', message: 'enough' })
    await actions.flush({
      type: 'command',
      flowRunId: run.id,
      attempt: run.attempt,
      command: { type: 'cancelled', message: 'enough' },
      parent: null,
    })
    const shown = new Shown()
    for await (const message of messages) shown.read(message)

    expect(first).toMatchObject({ task_runs: [{ id: one!.id, state_type: 'RUNNING' }] })
    expect(shown.rows.get(one!.id)?.state_type).not.toBe('RUNNING')
  })

  test('of a run that is not there are an error', async () => {
    const messages = client.live.taskRuns({ id: '0198a000-0000-7000-8000-000000000001' })

    await expect(messages.next()).rejects.toMatchObject({ code: 'FLOW_RUN_NOT_FOUND' })
  })
})

async function readAll(id: string): Promise<Shown> {
  const shown = new Shown()
  for await (const message of client.live.taskRuns({ id })) shown.read(message)
  return shown
}

describe('what changes', () => {
  test('is told by the runs that entered a state and the nouns of all else', async () => {
    const messages = client.live.changes()
    const hello = (await messages.next()).value
    const run = await actions.begin()
    await client.variables.create({ body: { name: 'limit', value: 3 } })

    const [runs, nouns] = [new Map<string, unknown>(), new Set<string>()]
    for await (const message of messages) {
      if (message.type === 'hello') continue
      for (const each of message.flow_runs) runs.set(each.id, each)
      for (const noun of message.nouns) nouns.add(noun)
      if (runs.size > 0 && nouns.has('variables')) break
    }

    expect(hello).toEqual({ type: 'hello' })
    expect(runs.get(run.id)).toMatchObject({ flow_id: run.flowId, deployment_id: null, state_type: 'RUNNING', state_name: 'Running' })
  })

  test('begins anew on a new connection, and says so', async () => {
    const messages = client.live.changes()
    const first = (await messages.next()).value

    server.proxy.cut()
    const second = (await messages.next()).value
    await messages.return()

    expect([first, second]).toEqual([{ type: 'hello' }, { type: 'hello' }])
  })

  test('ends in order when the server stops', async () => {
    const response = await fetch(`http://127.0.0.1:${server.proxy.port}/api/live/changes`)

    server.wake.close()

    expect(await response.text()).toBe('id: 0\ndata: {"type":"hello"}\n\n')
  })
})
