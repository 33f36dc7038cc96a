// Runs for the tests that need more than one process, or end theirs.
import { existsSync, watch } from 'node:fs'
import path from 'node:path'
import { flow, run, sleep, task, waitForInput } from 'tutti'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { append, dieOnce, folder, play } from './play.ts'

/** Resolves when a file of that name is in the home. */
function gate(file: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => look())
    function look(): void {
      if (!existsSync(path.join(folder, file))) return
      watcher.close()
      resolve()
    }
    look()
  })
}

const note = task({ name: 'note', runName: '{0}' }, async (text: string) => append('calls', text))

/** Takes anything; fifty processes at once should not load a library for it. */
const named: StandardSchemaV1<{ readonly name: string }> = {
  '~standard': { version: 1, vendor: 'tests', validate: (value) => ({ value: value as { readonly name: string } }) }, // given by the test
}

await play({
  /** Is under way until somebody opens the gate. */
  waiting: flow({ name: 'waiting' }, async () => {
    await note('before')
    console.log('READY')
    await gate('open')
    await note('after')
    return 'done'
  }),
  /** Is inside a task until somebody opens the gate. */
  late: flow({ name: 'late' }, async () => {
    const slow = task({ name: 'slow' }, async () => {
      append('calls', 'slow')
      // Committed behind the task's mark: from here on nothing is under way that a pause would leave locked.
      await run().now()
      console.log('READY')
      await gate('open')
    })
    await note('before')
    await slow()
    await note('after')
    return 'done'
  }),
  /** Sleeps for a minute. */
  napping: flow({ name: 'napping' }, async () => {
    await note('before')
    const nap = sleep('1 minute')
    // Committed behind the mark of the sleep.
    await run().now()
    console.log('READY')
    await nap
    await note('after')
    return 'done'
  }),
  /** Waits for somebody, and tells what it was given. */
  asking: flow({ name: 'asking' }, async () => {
    await note('before')
    const { name } = await waitForInput(named)
    await note(`answered ${name}`)
    if (run().attempt === 1) process.kill(process.pid, 'SIGKILL')
    await note('after')
    return name
  }),
  /** Ends its process while it runs. */
  leaving: flow({ name: 'leaving' }, async () => {
    await note('before')
    process.exit(3)
  }),
  /** Waits for what can never happen. */
  empty: flow({ name: 'empty' }, async () => {
    await note('before')
    await new Promise(() => undefined)
  }),
  /** Never gives the event loop back. */
  spinning: flow({ name: 'spinning' }, async () => {
    await note('before')
    // Longer than the beats wait before they have a thread of their own.
    await task({ name: 'settle-down' }, () => new Promise((resolve) => setTimeout(resolve, 1_000)))()
    console.log('READY')
    for (;;);
  }),
  /** The same, with a time limit. */
  overrunning: flow({ name: 'overrunning', timeout: '1s' }, async () => {
    await note('before')
    await task({ name: 'settle-down' }, () => new Promise((resolve) => setTimeout(resolve, 700)))()
    for (;;);
  }),
  /** Something that is not awaited throws. */
  uncaught: flow({ name: 'uncaught' }, async () => {
    await note('before')
    setImmediate(() => {
      throw new RangeError('nobody caught this')
    })
    await gate('never')
  }),
  /** 90,000 tasks, then one that ends the process the first time. */
  many: flow({ name: 'many' }, async () => {
    let called = 0
    const count = task({ name: 'count' }, async (index: number) => {
      called += 1
      return index
    })
    const numbers = await Promise.all(Array.from({ length: 90_000 }, (_, index) => count(index)))
    append('calls', `${called} calls in attempt ${run().attempt}`)
    dieOnce()
    return numbers.reduce((sum, number) => sum + number, 0)
  }),
  /** 100 tasks, as one of many processes. */
  hundred: flow({ name: 'hundred' }, async () => {
    const one = task({ name: 'one' }, async (index: number) => index)
    let sum = 0
    for (let index = 0; index < 50; index++) sum += await one(index)
    const rest = await one.map(Array.from({ length: 50 }, (_, index) => 50 + index))
    return rest.reduce((total, value) => total + value, sum)
  }),
})
