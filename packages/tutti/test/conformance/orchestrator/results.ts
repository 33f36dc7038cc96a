import { beforeEach, describe, expect, test } from 'vitest'
import type { Orchestrator } from '../../../src/core/orchestrator.ts'
import type { Checkpoint } from '../../../src/core/task-run.ts'
import type { Actions } from '../home.ts'
import { DAY, T0 } from '../records.ts'

/** Large results, and results that later calls may take. */
export function resultCases(given: () => Actions): void {
  describe('results', () => {
    let actions: Actions
    let orchestrator: Orchestrator

    beforeEach(() => {
      actions = given()
      orchestrator = actions.home.orchestrator
    })

    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    const readText = async (owner: string, key: string): Promise<string> =>
      new TextDecoder().decode(await orchestrator.results.read(owner, key))

    test('are read as they were written, also when they were written twice', async () => {
      const { id } = await actions.begin()
      const large = new Uint8Array(3_000_000).map((_, at) => at % 251)
      await orchestrator.results.write(id, 'a-1', large)
      await orchestrator.results.write(id, 'a-1', large)

      expect(Buffer.compare(await orchestrator.results.read(id, 'a-1'), large)).toBe(0)
    })

    test('are whole when several write the same at once', async () => {
      const { id } = await actions.begin()

      await Promise.all(Array.from({ length: 8 }, () => orchestrator.results.write(id, 'a-1', bytes('the same'))))

      expect(await readText(id, 'a-1')).toBe('the same')
    })

    test('that are not there are named', async () => {
      const { id } = await actions.begin()

      await expect(orchestrator.results.read(id, 'a-1')).rejects.toMatchObject({
        code: 'RESULT_MISSING',
        message: expect.stringContaining('a-1'),
      })
    })

    test.each(['../up', 'a/b', '..', '', '.hidden', 'nul\0'])('have names that cannot lead elsewhere: %j is refused', async (name) => {
      const refused = { code: 'INVALID_OPTION' }

      await expect(orchestrator.results.write(name, 'a-1', bytes('x'))).rejects.toMatchObject(refused)
      await expect(orchestrator.results.write('run', name, bytes('x'))).rejects.toMatchObject(refused)
      await expect(orchestrator.results.read('run', name)).rejects.toMatchObject(refused)
    })

    describe('that are cached', () => {
      const cachedBy = (flowRunId: string, changes: Partial<Checkpoint> = {}): Checkpoint =>
        actions.records.checkpoint({ flowRunId, cache: { key: 'k', expiresAt: null }, ...changes })

      test('are there for any run until they expire', async () => {
        const { id } = await actions.begin()
        const checkpoint = cachedBy(id, { cache: { key: 'k', expiresAt: T0 + 10 }, outcome: { format: 'json', text: '1.0' } })
        await actions.flush({ type: 'checkpoint', checkpoint })

        expect(await orchestrator.journal.cached('k', T0 + 9)).toEqual({
          key: 'k',
          expiresAt: T0 + 10,
          taskRunId: checkpoint.id,
          flowRunId: id,
          outcome: { format: 'json', text: '1.0' },
        })
        expect(await orchestrator.journal.cached('k', T0 + 10)).toBeUndefined()
      })

      test('are replaced by a newer one, but not by a write that was overtaken', async () => {
        const { id } = await actions.begin()
        const [older, newer] = [cachedBy(id), cachedBy(id, { outcome: { format: 'json', text: '"newer"' } })]

        await actions.flush({ type: 'checkpoint', checkpoint: older }, { type: 'checkpoint', checkpoint: newer })
        await actions.flush({ type: 'checkpoint', checkpoint: older })

        expect(await orchestrator.journal.cached('k', T0)).toMatchObject({ taskRunId: newer.id, outcome: { text: '"newer"' } })
      })

      test('outlive the run that made them, small and large', async () => {
        const run = await actions.begin()
        await orchestrator.results.write(run.id, 'large-1', bytes('json\n"large"'))
        await actions.flush(
          { type: 'checkpoint', checkpoint: cachedBy(run.id, { cache: { key: 'small', expiresAt: null } }) },
          {
            type: 'checkpoint',
            checkpoint: cachedBy(run.id, { cache: { key: 'large', expiresAt: null }, outcome: { format: 'blob', text: 'large-1' } }),
          },
        )
        await actions.end(run)

        await orchestrator.flowRuns.delete(run.id)

        const [small, large] = [await orchestrator.journal.cached('small', T0), await orchestrator.journal.cached('large', T0)]
        expect(small?.outcome).toEqual({ format: 'json', text: '1' })
        expect(await readText(large!.flowRunId, large!.outcome.text)).toBe('json\n"large"')
        await expect(orchestrator.results.read(run.id, 'large-1')).rejects.toMatchObject({ code: 'RESULT_MISSING' })
      })

      test('are not promised when their large result is gone; the checkpoint is kept all the same', async () => {
        const { id } = await actions.begin()
        const checkpoint = cachedBy(id, { outcome: { format: 'blob', text: 'lost-1' } })

        const answers = await actions.flush({ type: 'checkpoint', checkpoint })

        expect(answers).toEqual([{ type: 'ok' }])
        expect(await orchestrator.journal.cached('k', T0)).toBeUndefined()
        expect((await orchestrator.taskRuns.get(checkpoint.id)).outcome).toEqual(checkpoint.outcome)
      })

      test('of an attempt that was overtaken are not taken', async () => {
        const run = await actions.end(await actions.begin())

        await actions.flush({ type: 'checkpoint', checkpoint: cachedBy(run.id) })

        expect(await orchestrator.journal.cached('k', T0)).toBeUndefined()
      })

      test('go when they expired, and stay without an end', async () => {
        const { id } = await actions.begin()
        await actions.flush(
          { type: 'checkpoint', checkpoint: cachedBy(id, { cache: { key: 'short', expiresAt: T0 + 1 } }) },
          { type: 'checkpoint', checkpoint: cachedBy(id, { cache: { key: 'long', expiresAt: null } }) },
        )
        actions.home.time.advance(DAY)

        await orchestrator.maintenance.retain({ flowRunDays: 30, logDays: 30 }, 10)

        expect((await orchestrator.maintenance.info()).rows['cache_entries']).toBe(1)
        expect(await orchestrator.journal.cached('short', T0)).toBeUndefined()
        expect(await orchestrator.journal.cached('long', T0)).toBeDefined()
      })
    })
  })
}
