import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventFilter } from '../../src/core/event-filter.ts'
import type { Checkpoint, TaskRun } from '../../src/core/task-run.ts'
import type { FlowRun } from '../../src/core/flow-run.ts'
import type { Page } from '../../src/core/query.ts'
import type { Script, Store } from '../../src/store/port.ts'
import { runCountCases } from './run-counts.ts'
import { aLease, createRecords, DAY, SECOND, T0 } from './records.ts'
import type { Records } from './records.ts'

/** Opens an empty store; the case closes it. */
export type OpenStore = () => Promise<Store>

/** What every store does, whatever the database. */
export function storeCases(name: string, open: OpenStore): void {
  describe(`the store: ${name}`, () => {
    let store: Store
    let records: Records

    beforeEach(async () => {
      store = await open()
      records = createRecords()
    })
    afterEach(() => store.close())

    const insert = (...runs: readonly FlowRun[]): Promise<void> =>
      store.write(function* () {
        for (const run of runs) {
          yield* store.tables.flows.ensure(run.flowName, run.flowId, T0)
          yield* store.tables.flowRuns.insert(run, [run.state])
        }
      })
    const save = (...checkpoints: readonly Checkpoint[]): Promise<void> =>
      store.write(function* () {
        for (const checkpoint of checkpoints) yield* store.tables.taskRuns.save(checkpoint)
      })
    const getRun = (id: string): Promise<FlowRun | undefined> => store.read(() => store.tables.flowRuns.get(id))
    const getTask = (id: string): Promise<TaskRun | undefined> => store.read(() => store.tables.taskRuns.get(id))

    runCountCases(open)

    describe('transactions', () => {
      test('a script that throws changes nothing, and its error is the caller’s', async () => {
        const run = records.flowRun()
        const failure = new Error('decided otherwise')

        const written = store.write(function* (): Script<void> {
          yield* store.tables.flowRuns.insert(run, [run.state])
          throw failure
        })

        await expect(written).rejects.toBe(failure)
        expect(await getRun(run.id)).toBeUndefined()
      })

      test('a script whose statement is refused changes nothing and names the reason', async () => {
        const run = records.flowRun()

        const written = store.write(function* (): Script<void> {
          yield* store.tables.flowRuns.insert(run, [run.state])
          yield* store.tables.logs.append({ ...records.log(run.id), timestamp: NaN })
        })

        await expect(written).rejects.toMatchObject({ code: 'STORE_REFUSED', message: expect.stringContaining('timestamp') })
        expect(await getRun(run.id)).toBeUndefined()
      })

      test('a value that no database can hold is refused, and the store goes on', async () => {
        const run = records.flowRun({ name: undefined as unknown as string })

        await expect(insert(run)).rejects.toMatchObject({ code: 'STORE_REFUSED' })
        await insert(records.flowRun({ id: run.id }))

        expect(await getRun(run.id)).toBeDefined()
      })

      test('scripts that are handed over together run one after the other, in their order', async () => {
        const { flows } = store.tables
        const seen: string[] = []

        const ids = await Promise.all(
          ['one', 'two', 'three'].map((id) =>
            store.write(function* () {
              seen.push(`${id} begins`)
              const found = yield* flows.ensure('sync', id, T0)
              seen.push(`${id} ends`)
              return found
            }),
          ),
        )

        expect(ids).toEqual(['one', 'one', 'one'])
        expect(seen).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
      })

      test('a store that was closed says so', async () => {
        await store.close()

        await expect(insert(records.flowRun())).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('closed') })
        await expect(getRun('any')).rejects.toMatchObject({ code: 'STORE_FAILED', message: expect.stringContaining('closed') })
      })

      test('closing twice is harmless', async () => {
        await store.close()

        await expect(store.close()).resolves.toBeUndefined()
      })
    })

    describe('flow runs', () => {
      test('come back as they were written, with times in microseconds', async () => {
        const run = records.flowRun({
          name: 'größe 数据 🎼 "quoted" \\ \n',
          version: '1.2.3',
          entrypoint: 'flow.ts:sync',
          tags: ['a', 'b,c', 'ü'],
          parameters: { format: 'json', text: '{"price":1.0,"big":123456789012345678901234567890,"e":1e400,"text":"\\u0000\\ud800"}' },
          idempotencyKey: 'order-17',
          parentTaskRunId: records.ids.next(),
          rootId: records.ids.next(),
          policy: { retries: 3, crashRestarts: 2 },
          state: {
            id: records.ids.next(),
            type: 'scheduled',
            name: 'AwaitingRetry',
            timestamp: T0 + 3,
            message: 'é',
            scheduledFor: T0 + 4,
          },
          runCount: 5,
          attempt: 6,
          failures: 7,
          replayFailedFrom: 8,
          lease: aLease({ until: T0 + 9 }),
          createdAt: T0 + 10,
          expectedAt: T0 + 11,
          startedAt: T0 + 12,
          endedAt: T0 + 13,
          totalRunMs: 14.015,
          outcome: { format: 'devalue', text: '[-1]' },
        })

        await insert(run)

        expect(await getRun(run.id)).toEqual(run)
      })

      test('take parameters of 10 MB', async () => {
        const parameters = { format: 'json', text: JSON.stringify({ text: 'é'.repeat(5_000_000) }) } as const
        const run = records.flowRun({ parameters })

        await insert(run)

        expect((await getRun(run.id))?.parameters).toEqual(parameters)
      })

      test('keep every state they were in, oldest first', async () => {
        const run = records.flowRun()
        const first = records.state('pending', T0 - 1)
        const later = { ...run, state: records.state('completed', T0 + 1, { message: 'done' }), lease: null }

        await store.write(function* () {
          yield* store.tables.flowRuns.insert(run, [first, run.state])
          yield* store.tables.flowRuns.save(later, run)
        })

        expect(await store.read(() => store.tables.flowRuns.states(run.id))).toEqual([first, run.state, later.state])
        expect(await getRun(run.id)).toEqual(later)
      })

      test('that are saved in the same state get no second entry in their history', async () => {
        const run = records.flowRun()
        await insert(run)

        await store.write(() => store.tables.flowRuns.save({ ...run, lease: aLease({ until: T0 + 90 * SECOND }) }, run))

        expect(await store.read(() => store.tables.flowRuns.states(run.id))).toHaveLength(1)
        expect((await getRun(run.id))?.lease?.until).toBe(T0 + 90 * SECOND)
      })

      test.each([0, 1, 9, 600])('are read many at once: %i', async (count) => {
        const runs = Array.from({ length: count }, () => records.flowRun())
        await insert(...runs)
        const ids = runs.map(({ id }) => id)

        const found = await store.read(() => store.tables.flowRuns.getMany([...ids, 'none']))
        const fences = await store.read(() => store.tables.flowRuns.fences(ids))

        expect(found.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual(runs)
        expect([...fences.keys()].toSorted()).toEqual(ids.toSorted())
      })

      test('are found by their id, by its beginning, and by their name: the newest of that name', async () => {
        const old = records.flowRun({ id: '019b7600-0000-7000-8000-000000000001', name: 'quiet-otter' })
        const young = records.flowRun({ id: '019b7601-0000-7000-8000-000000000002', name: 'quiet-otter' })
        await insert(old, young)
        const find = async (reference: string): Promise<string | undefined> =>
          (await store.read(() => store.tables.flowRuns.find(reference)))?.id

        expect(await find(old.id)).toBe(old.id)
        expect(await find('019b7600')).toBe(old.id)
        expect(await find('019b7600-0000-7000-8000-00000000000')).toBe(old.id)
        expect(await find('quiet-otter')).toBe(young.id)
        expect(await find('019b76')).toBeUndefined()
        expect(await find('quiet')).toBeUndefined()
        expect(await find('')).toBeUndefined()
      })

      test('are not guessed from the beginning of an id that two of them have', async () => {
        await insert(
          records.flowRun({ id: '019b7600-0000-7000-8000-000000000001' }),
          records.flowRun({ id: '019b7600-0000-7000-8000-000000000002' }),
        )

        await expect(store.read(() => store.tables.flowRuns.find('019b7600'))).rejects.toMatchObject({
          code: 'FLOW_RUN_NOT_FOUND',
          message: expect.stringContaining('more than one'),
        })
      })

      test('whose name looks like an id are found by it', async () => {
        const run = records.flowRun({ name: 'deadbeef-cafe' })
        await insert(run)

        expect((await store.read(() => store.tables.flowRuns.find('deadbeef-cafe')))?.id).toBe(run.id)
      })
    })

    describe('lists of flow runs', () => {
      const idsOf = async (query: Partial<Parameters<Store['tables']['flowRuns']['list']>[0]>): Promise<readonly string[]> =>
        (await store.read(() => store.tables.flowRuns.list({ limit: 100, ...query }))).items.map((run) => run.id)

      test('are newest first', async () => {
        const runs = [records.flowRun(), records.flowRun(), records.flowRun()]
        await insert(...runs)

        expect(await idsOf({})).toEqual(runs.map((run) => run.id).toReversed())
      })

      test('hold what meets every condition', async () => {
        const parentTaskRunId = records.ids.next()
        const wanted = records.flowRun({
          name: 'busy 50%_bee',
          tags: ['etl', 'night'],
          state: records.state('failed'),
          createdAt: T0 + 5,
          parentTaskRunId,
        })
        const others = [
          records.flowRun({ ...wanted, id: records.ids.next(), flowName: 'other', flowId: 'other-flow' }),
          records.flowRun({ ...wanted, id: records.ids.next(), state: records.state('completed') }),
          records.flowRun({ ...wanted, id: records.ids.next(), tags: ['etl'] }),
          records.flowRun({ ...wanted, id: records.ids.next(), createdAt: T0 + 4 }),
          records.flowRun({ ...wanted, id: records.ids.next(), createdAt: T0 + 6 }),
          records.flowRun({ ...wanted, id: records.ids.next(), name: 'busy 50xxbee' }),
          records.flowRun({ ...wanted, id: records.ids.next(), parentTaskRunId: null }),
        ]
        await insert(wanted, ...others)

        const found = await idsOf({
          flowName: 'sync',
          states: ['failed', 'crashed'],
          tags: ['night', 'etl'],
          since: T0 + 5,
          until: T0 + 6,
          nameContains: '50%_b',
          parentTaskRunId,
        })

        expect(found).toEqual([wanted.id])
      })

      test('have roots only when asked to', async () => {
        const root = records.flowRun()
        const child = records.flowRun({ rootId: root.id, parentTaskRunId: records.ids.next() })
        await insert(root, child)

        expect(await idsOf({ level: 'roots' })).toEqual([root.id])
        expect(await idsOf({ level: 'all' })).toEqual([child.id, root.id])
      })

      test('are empty for no state, and whole for the empty part of a name and no tag', async () => {
        const run = records.flowRun({ tags: ['a'] })
        await insert(run)

        expect(await idsOf({ states: [] })).toEqual([])
        expect(await idsOf({ nameContains: '', tags: [] })).toEqual([run.id])
      })

      test('page by page hold every run once, while new ones come in', async () => {
        const runs = Array.from({ length: 25 }, () => records.flowRun())
        await insert(...runs)
        const seen: string[] = []

        let cursor: string | undefined
        do {
          const page: Page<FlowRun> = await store.read(() =>
            store.tables.flowRuns.list({ limit: 4, ...(cursor === undefined ? {} : { cursor }) }),
          )
          expect(page.items.length).toBeLessThanOrEqual(4)
          seen.push(...page.items.map((run) => run.id))
          await insert(records.flowRun())
          cursor = page.cursor ?? undefined
        } while (cursor !== undefined)

        expect(seen).toEqual(runs.map((run) => run.id).toReversed())
      })

      test('end with a page that is just full', async () => {
        await insert(records.flowRun(), records.flowRun())

        const page = await store.read(() => store.tables.flowRuns.list({ limit: 2 }))

        expect(page).toMatchObject({ items: { length: 2 }, cursor: null })
      })

      test('are never longer than 1,000 and never empty for a limit below 1', async () => {
        await insert(...Array.from({ length: 1_002 }, () => records.flowRun()))
        const length = async (limit: number): Promise<number> =>
          (await store.read(() => store.tables.flowRuns.list({ limit }))).items.length

        expect(await length(5_000)).toBe(1_000)
        expect(await length(Infinity)).toBe(1_000)
        expect(await length(0)).toBe(1)
        expect(await length(-1)).toBe(1)
        await expect(length(NaN)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
      })

      test('count by state what the same conditions would list', async () => {
        await insert(
          records.flowRun(),
          records.flowRun(),
          records.flowRun({ state: records.state('failed') }),
          records.flowRun({ state: records.state('failed'), flowName: 'other', flowId: 'other-flow' }),
        )

        const counts = await store.read(() => store.tables.flowRuns.countByState({ limit: 1, flowName: 'sync' }))

        expect(counts).toEqual({ running: 2, failed: 1 })
      })
    })

    describe('cursors', () => {
      test.each(['', 'nonsense', 'YWJj', '!!!', 'MTIz'])('that no page has given (%s) are refused', async (cursor) => {
        const refused = { code: 'INVALID_CURSOR' }

        await expect(store.read(() => store.tables.flowRuns.list({ limit: 1, cursor }))).rejects.toMatchObject(refused)
        await expect(store.read(() => store.tables.taskRuns.list({ limit: 1, cursor }))).rejects.toMatchObject(refused)
        await expect(store.read(() => store.tables.logs.list({ flowRunId: 'x', limit: 1, cursor }))).rejects.toMatchObject(refused)
        await expect(store.read(() => store.tables.flows.list(1, cursor))).rejects.toMatchObject(refused)
      })

      test('of one list do not open another', async () => {
        const run = records.flowRun()
        await insert(run, records.flowRun())
        await store.write(function* () {
          yield* store.tables.logs.append(records.log(run.id))
          yield* store.tables.logs.append(records.log(run.id))
        })
        const { cursor } = await store.read(() => store.tables.logs.list({ flowRunId: run.id, limit: 1 }))

        const read = store.read(() => store.tables.flowRuns.list({ limit: 1, cursor: cursor! }))

        await expect(read).rejects.toMatchObject({ code: 'INVALID_CURSOR' })
      })
    })

    describe('task runs', () => {
      test('come back as they were written', async () => {
        const checkpoint = records.checkpoint({
          flowRunId: records.ids.next(),
          kind: 'flow',
          name: 'fetch "数据"',
          tags: ['web', 'a b'],
          parentTaskRunId: records.ids.next(),
          childFlowRunId: records.ids.next(),
          upstream: [records.ids.next(), records.ids.next()],
          state: {
            id: records.ids.next(),
            type: 'scheduled',
            name: 'AwaitingRetry',
            timestamp: T0 + 1,
            message: 'm',
            scheduledFor: T0 + 2,
          },
          history: [{ id: records.ids.next(), type: 'running', name: 'Running', timestamp: T0 }],
          runCount: 3,
          failures: 4,
          number: null,
          startedAt: T0 + 5,
          endedAt: null,
          outcome: { format: 'json', text: '{"a":1.0}' },
        })
        const { cache: _, ...taskRun } = checkpoint

        await save(checkpoint)

        expect(await getTask(checkpoint.id)).toEqual(taskRun)
      })

      test('are as their latest write left them, whatever order the writes arrive in', async () => {
        const flowRunId = records.ids.next()
        const running = records.checkpoint({ flowRunId, sequence: 1, state: records.state('running'), outcome: null, number: null })
        const completed = {
          ...running,
          sequence: 2,
          state: records.state('completed', T0 + 1),
          outcome: { format: 'json', text: '7' } as const,
        }

        await save(completed)
        await save(running)
        await save(completed)

        expect(await getTask(running.id)).toMatchObject({ sequence: 2, state: { type: 'completed' }, outcome: { text: '7' } })
        expect(await store.read(() => store.tables.taskRuns.countByState(flowRunId))).toEqual({ completed: 1 })
      })

      test('have one identity: a second task run for the same call is refused', async () => {
        const first = records.checkpoint({ flowRunId: records.ids.next() })
        await save(first)

        await expect(save({ ...first, id: records.ids.next() })).rejects.toMatchObject({ code: 'STORE_REFUSED' })
      })

      test('are listed in the order in which they began, page by page, by run, state and task', async () => {
        const flowRunId = records.ids.next()
        const all = [1, 2, 3, 4, 5].map((at) =>
          records.checkpoint({
            flowRunId,
            state: records.state(at === 3 ? 'failed' : 'completed'),
            taskKey: at === 5 ? 'load' : 'fetch-page',
          }),
        )
        await save(...all.toReversed(), records.checkpoint({ flowRunId: records.ids.next() }))
        const list = (query: object): Promise<Page<TaskRun>> =>
          store.read(() => store.tables.taskRuns.list({ limit: 2, flowRunId, ...query }))

        const first = await list({})
        const second = await list({ cursor: first.cursor })
        const third = await list({ cursor: second.cursor })

        expect([...first.items, ...second.items, ...third.items].map((run) => run.id)).toEqual(all.map((run) => run.id))
        expect(third.cursor).toBeNull()
        expect((await list({ states: ['failed'] })).items.map((run) => run.id)).toEqual([all[2]!.id])
        expect((await list({ taskKey: 'load' })).items.map((run) => run.id)).toEqual([all[4]!.id])
        expect((await list({ states: [] })).items).toEqual([])
      })
    })

    describe('the journal', () => {
      test('gives the entries of one run in the order of their keys, page by page, without outcomes', async () => {
        const flowRunId = records.ids.next()
        const all = [
          ['b', '2'],
          ['a', '9'],
          ['b', '1'],
          ['a', '10'],
        ].map(([taskKey, dynamicKey]) => records.checkpoint({ flowRunId, taskKey: taskKey!, dynamicKey: dynamicKey! }))
        await save(...all, records.checkpoint({ flowRunId: records.ids.next() }))

        const first = await store.read(() => store.tables.journal.entries(flowRunId, null, 3))
        const rest = await store.read(() => store.tables.journal.entries(flowRunId, first[2]!, 3))

        expect([...first, ...rest].map((entry) => `${entry.taskKey}${entry.dynamicKey}`)).toEqual(['a10', 'a9', 'b1', 'b2'])
        expect(first[0]).toMatchObject({ outcomeFormat: 'json' })
        expect(first[0]).not.toHaveProperty('outcome')
      })

      test('gives the outcomes that are asked for, of that run only', async () => {
        const flowRunId = records.ids.next()
        const kept = records.checkpoint({ flowRunId, outcome: { format: 'json', text: '"kept"' } })
        const none = records.checkpoint({ flowRunId, outcome: null })
        const other = records.checkpoint({ flowRunId: records.ids.next() })
        await save(kept, none, other)

        const outcomes = await store.read(() => store.tables.journal.outcomes(flowRunId, [kept.id, none.id, other.id, 'unknown']))

        expect(new Map(outcomes.map(({ taskRunId, outcome }) => [taskRunId, outcome]))).toEqual(
          new Map([
            [kept.id, kept.outcome],
            [none.id, null],
          ]),
        )
        expect(await store.read(() => store.tables.journal.outcomes(flowRunId, []))).toEqual([])
      })

      test('keeps the first value that was written under a key', async () => {
        const { journal } = store.tables
        await store.write(() => journal.addValue('run', { key: 'now 1', text: '1.0' }))
        await store.write(() => journal.addValue('run', { key: 'now 1', text: '2.0' }))
        await store.write(() => journal.addValue('other', { key: 'now 1', text: '3.0' }))

        expect(await store.read(() => journal.values('run'))).toEqual([{ key: 'now 1', text: '1.0' }])
      })
    })

    describe('logs', () => {
      test('of one moment keep the order in which they were written, from both ends and page by page', async () => {
        const flowRunId = records.ids.next()
        const lines = Array.from({ length: 7 }, (_, at) =>
          records.log(flowRunId, {
            message: `line ${at}`,
            timestamp: T0 + (at > 3 ? 1 : 0),
            level: 10 + at,
            taskRunId: at === 2 ? 't' : null,
          }),
        )
        await store.write(function* () {
          for (const line of lines.toReversed()) yield* store.tables.logs.append(line)
          yield* store.tables.logs.append(lines[0]!)
          yield* store.tables.logs.append(records.log('another run'))
        })
        const pages = async (order: 'oldest' | 'newest'): Promise<readonly string[]> => {
          const seen: string[] = []
          let cursor: string | undefined
          do {
            const page = await store.read(() =>
              store.tables.logs.list({ flowRunId, limit: 3, order, ...(cursor === undefined ? {} : { cursor }) }),
            )
            seen.push(...page.items.map((line) => line.id))
            cursor = page.cursor ?? undefined
          } while (cursor !== undefined)
          return seen
        }

        expect(await pages('oldest')).toEqual(lines.map((line) => line.id))
        expect(await pages('newest')).toEqual(lines.map((line) => line.id).toReversed())
        const list = (query: object): Promise<Page<unknown>> => store.read(() => store.tables.logs.list({ flowRunId, limit: 10, ...query }))
        expect((await list({ levelMin: 15 })).items).toEqual(lines.slice(5))
        expect((await list({ taskRunId: 't' })).items).toEqual([lines[2]])
      })
    })

    describe('flows', () => {
      test('are made once for each name and listed by it, with their newest run', async () => {
        const { flows } = store.tables
        await store.write(function* () {
          for (const flow of ['b', 'a', 'c', 'a']) yield* flows.ensure(flow, `id-${flow}`, T0)
        })
        const older = records.flowRun({ flowId: 'id-b', flowName: 'b' })
        const newer = records.flowRun({ flowId: 'id-b', flowName: 'b', name: 'newer', state: records.state('failed') })
        await insert(older, newer)

        const first = await store.read(() => flows.list(2, undefined))
        const second = await store.read(() => flows.list(2, first.cursor!))

        expect(first.items).toEqual([
          { id: 'id-a', name: 'a', createdAt: T0, runs: 0, lastRun: null },
          { id: 'id-b', name: 'b', createdAt: T0, runs: 2, lastRun: { id: newer.id, name: 'newer', state: newer.state } },
        ])
        expect(second).toMatchObject({ items: [{ name: 'c' }], cursor: null })
      })
    })

    describe('cached results', () => {
      const entry = {
        key: 'k',
        expiresAt: T0 + 10,
        taskRunId: 't',
        flowRunId: 'f',
        outcome: { format: 'json', text: '1.0' },
        createdAt: T0,
      } as const

      test('are there until they expire', async () => {
        await store.write(() => store.tables.caches.put(entry))

        expect(await store.read(() => store.tables.caches.get('k', T0 + 9))).toMatchObject({ taskRunId: 't', outcome: entry.outcome })
        expect(await store.read(() => store.tables.caches.get('k', T0 + 10))).toBeUndefined()
        expect(await store.read(() => store.tables.caches.get('other', T0))).toBeUndefined()
      })

      test('without an end stay, and a new one takes the place of the old', async () => {
        await store.write(() => store.tables.caches.put(entry))
        await store.write(() => store.tables.caches.put({ ...entry, expiresAt: null, taskRunId: 'newer' }))

        expect(await store.read(() => store.tables.caches.get('k', T0 + 1000 * DAY))).toMatchObject({ taskRunId: 'newer', expiresAt: null })
      })
    })

    describe('states of flow runs', () => {
      const anything: EventFilter = {
        since: T0 - DAY,
        until: T0 + DAY,
        ids: null,
        names: null,
        prefixes: ['prefect.flow-run.'],
        namesExcluded: [],
        prefixesExcluded: [],
        resource: null,
        related: [],
        any: [],
        words: [],
        order: 'newest',
      }
      const anyResource = { ids: null, idPrefixes: null, roles: null, idsInRoles: null, labels: null }

      test('are events: page by page, found by what they belong to, and counted', async () => {
        const run = records.flowRun({ tags: ['nightly'] })
        const pending = records.state('pending', T0 - SECOND)
        await store.write(function* () {
          yield* store.tables.flows.ensure(run.flowName, run.flowId, T0)
          yield* store.tables.flowRuns.insert(run, [pending, run.state])
        })
        await insert(records.flowRun())
        const { eventLists } = store.tables

        const first = await store.read(() => eventLists.page(anything, 2, null))
        const second = await store.read(() => eventLists.page(anything, 2, first.rest))
        const tagged = { ...anything, any: [{ ...anyResource, ids: ['prefect.tag.nightly'] }] }

        expect([first.events.length, second.events.map(({ id }) => id), second.rest]).toEqual([2, [pending.id], null])
        expect(await store.read(() => eventLists.count(anything))).toEqual({ count: 3, isWhole: true })
        expect((await store.read(() => eventLists.page(tagged, 9, null))).events.map(({ id }) => id)).toEqual([run.state.id, pending.id])
        expect(await store.read(() => eventLists.count(tagged))).toEqual({ count: 2, isWhole: true })
        const bySecond = await store.read(() => eventLists.counted(anything, { type: 'time', spanUs: SECOND }, 9))
        expect(bySecond.map(({ count }) => count).toSorted((one, other) => one - other)).toEqual([1, 2])
        const byName = await store.read(() => eventLists.counted(anything, { type: 'event' }, 9))
        expect(new Map(byName.map(({ name: of, count }) => [of, count])).get('prefect.flow-run.Pending')).toBe(1)
      })

      test('tell who brought them about', async () => {
        const run = records.flowRun()
        const actor = { kind: 'worker', name: 'pool-1/laptop' } as const

        await store.write(() => store.tables.flowRuns.insert(run, [run.state], actor))

        expect(await store.read(() => store.tables.flowRuns.states(run.id))).toEqual([{ ...run.state, actor }])
      })
    })
  })
}
