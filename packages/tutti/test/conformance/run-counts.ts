import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ANYTHING } from '../../src/core/condition.ts'
import type { Condition } from '../../src/core/condition.ts'
import type { FlowRun } from '../../src/core/flow-run.ts'
import type { StateType } from '../../src/core/state.ts'
import type { Store } from '../../src/store/port.ts'
import { systemClock } from '../../src/system/clock.ts'
import { createRecords, DAY, HOUR, SECOND, T0 } from './records.ts'
import type { Records } from './records.ts'

const QUARTER = HOUR / 4
/** Late enough that every quarter of the tests has settled. */
const LATER = T0 + 6 * DAY
const ENDS: readonly StateType[] = ['completed', 'failed', 'crashed']

const states = (...values: readonly StateType[]): Condition => ({ type: 'field', field: 'stateType', test: { is: 'in', values } })
const since = (value: number): Condition => ({ type: 'field', field: 'expectedAt', test: { is: 'at-least', value } })
const until = (value: number): Condition => ({ type: 'field', field: 'expectedAt', test: { is: 'at-most', value } })
const startedBy = (value: number): Condition => ({ type: 'field', field: 'startedOrExpected', test: { is: 'at-most', value } })
const all = (...of: readonly Condition[]): Condition => ({ type: 'all', of })

/** What was counted beforehand and what is looked at now give together what there is, whatever happened in between. */
export function runCountCases(open: () => Promise<Store>): void {
  describe('counts of runs', () => {
    let store: Store
    let records: Records

    beforeEach(async () => {
      store = await open()
      records = createRecords()
      await store.write(() => store.tables.flows.ensure('sync', 'a-flow', T0))
    })
    afterEach(() => store.close())

    const aRun = (expectedAt: number, type: StateType): FlowRun =>
      records.flowRun({
        expectedAt,
        createdAt: expectedAt,
        startedAt: expectedAt + SECOND,
        endedAt: expectedAt + 3 * SECOND,
        totalRunMs: 2_000,
        state: records.state(type, expectedAt + 3 * SECOND),
        lease: null,
      })
    const insert = (run: FlowRun): Promise<unknown> => store.write(() => store.tables.flowRuns.insert(run, [run.state]))
    const change = (run: FlowRun, type: StateType): Promise<FlowRun> => {
      const next: FlowRun = { ...run, state: records.state(type, run.state.timestamp + 1) }
      return store.write(function* () {
        yield* store.tables.flowRuns.save(next, run)
        return next
      })
    }
    const remove = (...runs: readonly FlowRun[]): Promise<void> =>
      store.write(() =>
        store.tables.flowRuns.delete(
          runs.map(({ id }) => id),
          LATER,
        ),
      )
    const count = (where: Condition = ANYTHING): Promise<number> => store.read(() => store.tables.listings.count('flow-runs', where))
    const countTasks = (where: Condition = ANYTHING): Promise<number> => store.read(() => store.tables.listings.count('task-runs', where))
    const settle = async (now = LATER): Promise<void> => {
      while (await store.write(() => store.tables.runCounts.count(now, 7)));
    }

    test('are the same before and after they were made', async () => {
      for (let index = 0; index < 12; index++) await insert(aRun(T0 + (index * QUARTER) / 2, ENDS[index % 3]!))
      const asked = [ANYTHING, states('failed'), all(states('failed', 'crashed'), since(T0 + QUARTER)), until(T0 + 2 * QUARTER)]
      const before = await Promise.all(asked.map(count))

      await settle()

      expect(await Promise.all(asked.map(count))).toEqual(before)
      expect(before).toEqual([12, 4, 7, 5])
    })

    test('leave out runs that begin after the moment up to which they are asked for', async () => {
      for (let index = 0; index < 12; index++) await insert(aRun(T0 + (index * QUARTER) / 2, ENDS[index % 3]!))
      const planned = { ...aRun(T0 + 4 * QUARTER, 'scheduled'), startedAt: null, endedAt: null }
      await insert(planned)
      // The fifth run was expected at the moment, and began a second later.
      const moment = startedBy(T0 + 2 * QUARTER)
      const asked = [moment, all(states('failed'), moment), all(states('failed', 'scheduled'), moment), startedBy(T0 + DAY), startedBy(T0)]
      const before = await Promise.all(asked.map(count))

      await settle()

      expect(await Promise.all(asked.map(count))).toEqual(before)
      expect(before).toEqual([4, 1, 1, 13, 0])
    })

    test('begin with what has passed, though the first run there was is planned for later', async () => {
      // Young runs leave no marks: nothing but the beginning is there to find this one.
      const now = systemClock().now()
      await insert(aRun(now + 3 * DAY, 'scheduled'))
      await settle(now)
      await insert(aRun(now, 'completed'))

      const young = await count(all(states('completed'), since(now - HOUR)))
      await settle(now + DAY)

      expect(young).toBe(1)
      expect(await count(all(states('completed'), since(now - HOUR)))).toBe(1)
    })

    test('follow a run that ends, is tried again or is deleted after it was counted', async () => {
      const failed = aRun(T0, 'failed')
      await insert(failed)
      await settle()
      const running = await change(failed, 'running')
      const whileRunning = [await count(), await count(states('failed')), await count(states('running'))]
      await settle()
      await change(running, 'completed')
      const ended = [await count(states('failed')), await count(states('completed'))]
      await remove(failed)
      const deleted = await count()
      await settle()

      expect(whileRunning).toEqual([1, 0, 1])
      expect(ended).toEqual([0, 1])
      expect([deleted, await count()]).toEqual([0, 0])
    })

    test('follow task runs that are written late, ended by others or deleted', async () => {
      const run = aRun(T0, 'running')
      await insert(run)
      const task = records.checkpoint({ flowRunId: run.id, createdAt: T0, state: records.state('completed') })
      await store.write(() => store.tables.taskRuns.saveAll([task]))
      await settle()
      const late = records.checkpoint({ flowRunId: run.id, createdAt: T0 + 1, dynamicKey: 'late', state: records.state('running') })
      await store.write(() => store.tables.taskRuns.saveAll([late]))
      const written = [await countTasks(), await countTasks(states('completed'))]
      await settle()
      const end = { type: 'crashed', message: null, at: LATER, stateId: () => records.ids.next() } as const
      await store.write(() => store.tables.taskRuns.endUnfinished({ flowRunId: run.id }, end))
      const ended = await countTasks(states('crashed'))
      await settle()
      await store.write(() => store.tables.taskRuns.delete(task.id))

      expect(written).toEqual([2, 1])
      expect(ended).toBe(1)
      expect([await countTasks(), await countTasks(states('completed'))]).toEqual([1, 0])
    })

    test('a history is the same, whether its intervals and what was counted fit or not', async () => {
      for (let index = 0; index < 70; index++) {
        const at = index < 30 ? index * 400 * SECOND : index * 1.5 * HOUR
        await insert(aRun(T0 + at, index % 4 === 0 ? 'running' : ENDS[index % 3]!))
      }
      const requests = [
        { start: T0 - (T0 % QUARTER), end: T0 + 4 * HOUR, intervalUs: HOUR },
        { start: T0 + 17, end: T0 + 4 * HOUR + 17, intervalUs: HOUR },
        { start: T0 + 17, end: T0 + HOUR, intervalUs: 300 * SECOND },
        { start: T0 - 1 - DAY, end: T0 - 1 + 7 * DAY, intervalUs: DAY },
        { start: T0 - 1 - DAY + QUARTER, end: T0 + 3 * DAY + 5, intervalUs: DAY },
        { start: T0 + 99 - DAY, end: T0 + 4 * DAY, intervalUs: 2 * DAY },
      ]
      const histories = (): Promise<unknown> =>
        Promise.all(
          requests.map((request) => store.read(() => store.tables.listings.flowRunHistory(states('running', 'failed'), request, LATER))),
        )
      const before = await histories()

      await settle()

      expect(await histories()).toEqual(before)
    })

    test('whatever happens in whatever order', async () => {
      const step = fc.record({
        what: fc.constantFrom('insert', 'end', 'again', 'delete', 'settle'),
        which: fc.nat(7),
        at: fc.nat(8),
        type: fc.constantFrom(...ENDS),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          const known = new Map<string, FlowRun>()
          for (const { what, which, at, type } of steps) {
            const run = [...known.values()][which % Math.max(known.size, 1)]
            if (what === 'settle') await settle(T0 + at * QUARTER)
            else if (what === 'insert') {
              const made = aRun(T0 + (at * QUARTER) / 2, at % 2 === 0 ? type : 'running')
              await insert(made)
              known.set(made.id, made)
            } else if (run !== undefined && what === 'delete') {
              await remove(run)
              known.delete(run.id)
            } else if (run !== undefined) known.set(run.id, await change(run, what === 'end' ? type : 'running'))
          }

          const late = [...known.values()].filter((run) => run.expectedAt >= T0 + QUARTER)
          for (const type of [...ENDS, 'running'] as const) {
            const expected = late.filter((run) => run.state.type === type).length
            expect([type, await count(all(states(type), since(T0 + QUARTER)))]).toEqual([type, expected])
          }
          await remove(...known.values())
        }),
        { numRuns: 30 },
      )
    })
  })
}
