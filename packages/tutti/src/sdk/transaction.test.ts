import { expect, test } from 'vitest'
import { runAccess as run } from '../engine/run-access.ts'
import { testTutti } from '../testing/index.ts'
import { flow } from './flow.ts'
import { task } from './task.ts'
import type { Task } from './task.ts'
import { transaction } from './transaction.ts'

/** A task that tells when it is called, confirmed and undone. */
function told(into: string[]): Task<readonly [string], string> {
  return task(
    {
      name: 'write',
      onCommit: (name: string) => void into.push(`commit ${name}`),
      onRollback: (name: string) => void into.push(`undo ${name}`),
    },
    async (name: string) => {
      into.push(`write ${name}`)
      return name
    },
  )
}

test('a nested transaction that fails is undone by itself; the outer one may go on and commit the rest', async () => {
  await using tutti = await testTutti()
  const seen: string[] = []
  const write = told(seen)

  const result = await tutti.run(
    flow({ name: 'outer' }, () =>
      transaction(async () => {
        await write('a')
        await transaction(async () => {
          await write('b')
          throw new Error('inner')
        }).catch(() => undefined)
        await write('c')
      }),
    ),
  )

  expect(result.state).toBe('completed')
  expect(seen).toEqual(['write a', 'write b', 'undo b', 'write c', 'commit c', 'commit a'])
})

test('a value kept by an outer transaction can be read in an inner one, and not the other way round', async () => {
  await using tutti = await testTutti()

  const result = await tutti.run(
    flow({ name: 'values' }, () =>
      transaction(async (outer) => {
        outer.set('who', 'outer')
        const inner = await transaction((tx) => {
          const before = tx.get('who')
          tx.set('who', 'inner')
          return [before, tx.get('who')]
        })
        return [...inner, outer.get('who'), outer.get('nothing')]
      }),
    ),
  )

  expect(result.result).toEqual(['outer', 'inner', 'outer', undefined])
})

test('a rollback that fails is a failed task run and said in the log; the rest is undone, and the first error is the one that counts', async () => {
  await using tutti = await testTutti()
  const undone: string[] = []
  const write = task(
    {
      name: 'write',
      onRollback(name: string) {
        if (name === 'b') throw new Error('b cannot be undone')
        undone.push(name)
      },
    },
    async (name: string) => name,
  )

  const result = await tutti.run(
    flow({ name: 'stubborn' }, () =>
      transaction(async () => {
        for (const name of ['a', 'b', 'c']) await write(name)
        throw new Error('the reason')
      }),
    ),
  )

  expect(result).toMatchObject({ state: 'failed', message: 'the reason' })
  expect(undone).toEqual(['c', 'a'])
  expect(result.taskRuns.filter((taskRun) => taskRun.state.type === 'failed').map((taskRun) => taskRun.state.message)).toEqual([
    'b cannot be undone',
  ])
  expect(result.logs.map((line) => line.message).join()).toContain('the rollback of task write failed')
})

test('a rollback is tried as often as its task', async () => {
  await using tutti = await testTutti()
  let tries = 0
  const write = task(
    {
      name: 'write',
      retries: 2,
      onRollback() {
        tries += 1
        if (tries < 3) throw new Error('not yet')
      },
    },
    async () => 1,
  )

  await tutti.run(
    flow({ name: 'patient' }, () =>
      transaction(async () => {
        await write()
        throw new Error('stop')
      }),
    ),
  )

  expect(tries).toBe(3)
})

test('a commit hook that fails fails the transaction', async () => {
  await using tutti = await testTutti()
  const write = task(
    {
      name: 'write',
      onCommit() {
        throw new Error('cannot publish')
      },
    },
    async () => 1,
  )

  const result = await tutti.run(flow({ name: 'publishes' }, () => transaction(() => write())))

  expect(result).toMatchObject({ state: 'failed', message: 'cannot publish' })
})

test('a task that failed inside a transaction is not undone, those that completed before it are', async () => {
  await using tutti = await testTutti()
  const seen: string[] = []
  const write = told(seen)
  const broken = task({ name: 'broken', onRollback: () => void seen.push('undo broken') }, async () => {
    throw new Error('no')
  })

  const result = await tutti.run(
    flow({ name: 'partial' }, () =>
      transaction(async () => {
        await write('a')
        await broken()
      }),
    ),
  )

  expect(result).toMatchObject({ state: 'failed', message: 'no' })
  expect(seen).toEqual(['write a', 'undo a'])
})

test('when a flow is tried again after a rollback, what was undone is called again, and confirmed once', async () => {
  await using tutti = await testTutti()
  const seen: string[] = []
  const write = told(seen)
  const unsteady = flow({ name: 'unsteady', retries: 1 }, () =>
    transaction(async () => {
      await write('a')
      if (run().attempt === 1) throw new Error('again')
    }),
  )

  const result = await tutti.run(unsteady)

  expect(result.state).toBe('completed')
  expect(seen).toEqual(['write a', 'undo a', 'write a', 'commit a'])
})

test('retrying a failed run calls again what was undone, and undoes it again when it fails again', async () => {
  await using tutti = await testTutti()
  const seen: string[] = []
  const write = told(seen)
  let failures = 2
  const unlucky = flow({ name: 'unlucky' }, () =>
    transaction(async () => {
      await write('a')
      if (failures-- > 0) throw new Error('no')
    }),
  )

  const first = await tutti.run(unlucky)
  const second = await tutti.retry(unlucky, first)
  const third = await tutti.retry(unlucky, first)

  expect([first.state, second.state, third.state]).toEqual(['failed', 'failed', 'completed'])
  expect(seen).toEqual(['write a', 'undo a', 'write a', 'undo a', 'write a', 'commit a'])
})

test('a crash between a transaction and the end of its flow does not confirm twice', async () => {
  await using tutti = await testTutti()
  const seen: string[] = []
  const write = told(seen)
  const reached = Promise.withResolvers<void>()
  let first = true
  const all = flow({ name: 'all' }, async () => {
    await transaction(() => write('a'))
    if (!first) return
    first = false
    reached.resolve()
    await new Promise(() => undefined)
  })

  const running = tutti.run(all)
  await reached.promise
  await tutti.crash()
  const resumed = await tutti.resume(all, await running)

  expect(resumed.state).toBe('completed')
  expect(seen).toEqual(['write a', 'commit a'])
})

test('a crash inside a transaction keeps what is done: it goes on and is undone as one when it fails', async () => {
  await using tutti = await testTutti()
  const seen: string[] = []
  const write = told(seen)
  const reached = Promise.withResolvers<void>()
  let first = true
  const all = flow({ name: 'all' }, () =>
    transaction(async () => {
      await write('a')
      if (first) {
        first = false
        reached.resolve()
        await new Promise(() => undefined)
      }
      await write('b')
      throw new Error('stop')
    }),
  )

  const running = tutti.run(all)
  await reached.promise
  await tutti.crash()
  const resumed = await tutti.resume(all, await running)

  expect(resumed).toMatchObject({ state: 'failed', message: 'stop' })
  expect(seen).toEqual(['write a', 'write b', 'undo b', 'undo a'])
})

test('a run that is cancelled inside a transaction keeps what is done: nothing is undone, and it goes on from there', async () => {
  await using tutti = await testTutti({ clock: 'manual' })
  const seen: string[] = []
  const write = told(seen)
  const reached = Promise.withResolvers<string>()
  let first = true
  const all = flow({ name: 'all' }, () =>
    transaction(async () => {
      await write('a')
      if (first) {
        first = false
        reached.resolve(run().flowRunId)
        await tutti.clock.sleep('1h', run().signal)
      }
      await write('b')
    }),
  )

  const running = tutti.run(all)
  await tutti.cancel(await reached.promise)
  const cancelled = await running
  const resumed = await tutti.resume(all, cancelled)

  expect([cancelled.state, resumed.state]).toEqual(['cancelled', 'completed'])
  expect(seen).toEqual(['write a', 'write b', 'commit b', 'commit a'])
})

test('a result taken from a cache can be undone too', async () => {
  await using tutti = await testTutti()
  const seen: string[] = []
  const write = told(seen).withOptions({ cache: { by: 'inputs' } })
  const good = flow({ name: 'good' }, () => write('a'))
  const bad = flow({ name: 'bad' }, () =>
    transaction(async () => {
      await write('a')
      throw new Error('stop')
    }),
  )

  await tutti.run(good)
  const result = await tutti.run(bad)

  expect(result.state).toBe('failed')
  expect(seen).toEqual(['write a', 'undo a'])
})

test('calls that a transaction made at once are undone in the reverse order of their results', async () => {
  await using tutti = await testTutti()
  const undone: number[] = []
  const after = task({ name: 'after', onRollback: (seconds: number) => void undone.push(seconds) }, async (seconds: number) => {
    await tutti.clock.sleep(seconds * 1000)
    return seconds
  })

  await tutti.run(
    flow({ name: 'at once' }, () =>
      transaction(async () => {
        await after.map([3, 1, 2])
        throw new Error('stop')
      }),
    ),
  )

  expect(undone).toEqual([3, 2, 1])
})

test('a crash in the second undo of a task that is tried again undoes nothing twice and leaves nothing out', async () => {
  await using tutti = await testTutti()
  const seen: string[] = []
  const reached = Promise.withResolvers<void>()
  let blocked = true
  const write = task(
    {
      name: 'write',
      async onRollback(name: string) {
        if (name === 'a' && blocked && seen.includes('undo a')) {
          // What was undone before is committed when the time has been.
          await run().now()
          reached.resolve()
          await new Promise(() => undefined)
        }
        seen.push(`undo ${name}`)
      },
    },
    async (name: string) => {
      seen.push(`write ${name}`)
      return name
    },
  )
  const both = task({ name: 'both', retries: 1 }, () =>
    transaction(async () => {
      await write('a')
      await write('b')
      throw new Error('stop')
    }),
  )
  const all = flow({ name: 'all' }, () => both())

  const running = tutti.run(all)
  await reached.promise
  await tutti.crash()
  blocked = false
  const resumed = await tutti.resume(all, await running)

  expect(resumed).toMatchObject({ state: 'failed', message: 'stop' })
  const once = ['write a', 'write b', 'undo b', 'undo a']
  expect(seen).toEqual([...once, ...once])
})

test('a transaction outside of a run is refused, naming what was called', async () => {
  await expect(transaction(() => 1)).rejects.toMatchObject({
    code: 'NOT_IN_A_RUN',
    message: expect.stringContaining('transaction()') as string,
  })
})
