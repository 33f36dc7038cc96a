import { expect, test } from 'vitest'
import { NOTHING_TOLD } from '../core/task-run-proposal.ts'
import type { TaskRun } from '../core/task-run.ts'
import { handClock } from '../../test/conformance/protocol/open-server.ts'
import { createHub } from './hub.ts'
import { createTaskQueue } from './task-queue.ts'

function aDelayedRun(id: string, dueInMs = 0): TaskRun {
  const now = handClock().now()
  return {
    id,
    flowRunId: null,
    taskKey: 'add-1',
    dynamicKey: id,
    ordinal: 0,
    name: id,
    kind: 'task',
    tags: [],
    parentTaskRunId: null,
    childFlowRunId: null,
    upstream: [],
    sequence: 0,
    attempt: 0,
    state: {
      id: `state-of-${id}`,
      type: 'scheduled',
      name: 'Scheduled',
      timestamp: now,
      message: null,
      scheduledFor: now + dueInMs * 1000,
      details: { deferred: true },
    },
    history: [],
    runCount: 0,
    failures: 0,
    number: null,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    outcome: null,
    told: NOTHING_TOLD,
  }
}

function aQueue(runs: TaskRun[]) {
  const clock = handClock()
  const hub = createHub()
  const list = async () => ({ items: runs, cursor: null })
  return { clock, hub, queue: createTaskQueue({ taskRuns: { list }, hub, clock }) }
}

const always = new AbortController().signal

test('every run is handed out once', async () => {
  const { queue } = aQueue([aDelayedRun('a'), aDelayedRun('b')])

  const taken = [await queue.take(['add-1'], always), await queue.take(['add-1'], always)]

  expect(taken.map((run) => run?.id)).toEqual(['a', 'b'])
})

test('a run that was not taken goes to the next', async () => {
  const { queue } = aQueue([aDelayedRun('a')])
  const first = await queue.take(['add-1'], always)

  queue.giveBack(first!)

  expect((await queue.take(['add-1'], always))?.id).toBe('a')
})

test('whoever waits gets a run as soon as one is told', async () => {
  const runs: TaskRun[] = []
  const { queue, hub } = aQueue(runs)
  queue.join({ identifier: 'me', taskKeys: ['add-1'] })
  const taking = queue.take(['add-1'], always)

  const run = aDelayedRun('a')
  runs.push(run)
  hub.tell([{ type: 'task-run', run }])

  expect((await taking)?.id).toBe('a')
})

test('a run that is due later waits until then', async () => {
  const { queue, clock } = aQueue([aDelayedRun('a', 3_000)])
  let taken: TaskRun | undefined
  const taking = queue.take(['add-1'], always).then((run) => (taken = run))
  await turns()
  clock.advance(2_000)
  await turns()
  const early = taken

  clock.advance(2_000)
  await taking

  expect(early).toBeUndefined()
  expect(taken?.id).toBe('a')
})

test('a wait ends with its signal', async () => {
  const { queue } = aQueue([])
  const controller = new AbortController()
  const taking = queue.take(['add-1'], controller.signal)

  controller.abort()

  expect(await taking).toBeUndefined()
})

test('who serves is told until they leave', () => {
  const { queue } = aQueue([])

  const leave = queue.join({ identifier: 'me', taskKeys: ['add-1'] })
  const before = queue.workers().map(({ identifier }) => identifier)
  leave()

  expect([before, queue.workers()]).toEqual([['me'], []])
})

/** What was set off has run as far as it can. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}
