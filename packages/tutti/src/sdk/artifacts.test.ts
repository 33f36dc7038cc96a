import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Artifact } from '../core/artifact.ts'
import { testTutti } from '../testing/index.ts'
import { openWorld } from '../testing/world.ts'
import { artifact } from './artifacts.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'

function place(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-artifacts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'tutti.db')
}

/** What is kept in the database, in the order in which it was published. */
async function published(path: string): Promise<readonly Artifact[]> {
  const { store } = await openWorld({ seed: 2, clock: 'virtual', path, start: 0 })
  const everything = { where: { type: 'all', of: [] }, sort: 'CREATED_DESC', limit: 200, offset: 0 } as const
  const found = await store.read(() => store.tables.artifacts.list(everything))
  await store.close()
  return found.toReversed()
}

test('what a flow and its tasks publish belongs to their runs, in the form the protocol keeps it', async () => {
  const path = place()
  const count = task({ name: 'count' }, () => artifact.table({ key: 'counts', rows: [{ borough: 'Queens', trips: 3 }] }))
  const reported = flow({ name: 'reported' }, async () => {
    await count()
    await artifact.link({ key: 'where', url: 'https://example.com', text: 'Here' })
    await artifact.image({ url: 'https://example.com/a.png', description: 'A chart' })
  })

  const tutti = await testTutti({ path })
  const { id } = await tutti.run(reported)
  await tutti.close()

  const kept = (await published(path)).map(({ type, key, data, flowRunId, taskRunId, description }) => ({
    type,
    key,
    data: data?.plain(),
    flowRunId,
    ofTask: taskRunId !== null,
    description,
  }))
  expect(kept).toHaveLength(3)
  expect(kept).toEqual(
    expect.arrayContaining([
      { type: 'table', key: 'counts', data: '[{"borough":"Queens","trips":3}]', flowRunId: id, ofTask: true, description: null },
      { type: 'markdown', key: 'where', data: '[Here](https://example.com)', flowRunId: id, ofTask: false, description: null },
      { type: 'image', key: null, data: 'https://example.com/a.png', flowRunId: id, ofTask: false, description: 'A chart' },
    ]),
  )
})

test('a run that is resumed publishes nothing twice, and its progress goes on from where it was', async () => {
  const path = place()
  const tutti = await testTutti({ path })
  let isCrashed = false
  const seen = flow({ name: 'seen' }, async () => {
    await artifact.markdown({ key: 'report', text: 'first' })
    await artifact.markdown({ key: 'report', text: 'second' })
    const progress = await artifact.progress({ key: 'done' })
    if (!isCrashed) {
      isCrashed = true
      await progress.update(60)
      await tutti.crash()
      await new Promise(() => undefined)
    }
  })

  const { id } = await tutti.run(seen)
  const resumed = await tutti.resume(seen, id)
  await tutti.close()

  expect(resumed.state).toBe('completed')
  const texts = (await published(path)).map(({ key, data }) => `${key} ${String(data?.plain())}`)
  expect(texts.toSorted()).toEqual(['done 60', 'report first', 'report second'])
})

test('a progress stays between 0 and 100', async () => {
  const path = place()
  const tutti = await testTutti({ path })

  await tutti.run(
    flow({ name: 'far' }, async () => {
      const progress = await artifact.progress({ percent: -5 })
      await progress.update(250)
    }),
  )
  await tutti.close()

  expect((await published(path)).map(({ data }) => data?.plain())).toEqual([100])
})

test('what stands beside a progress changes with it, and stays where nothing else is said', async () => {
  const path = place()
  const tutti = await testTutti({ path })

  await tutti.run(
    flow({ name: 'words' }, async () => {
      const progress = await artifact.progress({ description: 'begun' })
      await progress.update(50, { description: 'half of it' })
      await progress.update(60)
    }),
  )
  await tutti.close()

  expect((await published(path)).map(({ data, description }) => [data?.plain(), description])).toEqual([[60, 'half of it']])
})

test('outside of a run nothing can be published', async () => {
  await expect(artifact.markdown({ text: 'hello' })).rejects.toMatchObject({
    code: 'NOT_IN_A_RUN',
    message: expect.stringContaining('artifact.markdown()'),
  })
})

test('a key with other characters is refused', async () => {
  await using tutti = await testTutti()

  const { error } = await tutti.run(flow({ name: 'bad' }, () => artifact.markdown({ key: 'Daily Report', text: '' })))

  expect(error).toMatchObject({ code: 'INVALID_ARTIFACT', message: expect.stringContaining('lowercase letters') })
})
