import { setTimeout as sleep } from 'node:timers/promises'
import { flow, run, task } from 'tutti'

/** `run().signal` aborts when the time is up or the run is cancelled: hand it to whatever waits. */
const ask = task({ name: 'ask', timeout: '50ms' }, async (server: string, answersAfterMs: number) => {
  await sleep(answersAfterMs, undefined, { signal: run().signal })
  return `${server} answered`
})

export const firstAnswer = flow({ name: 'first-answer' }, async () => {
  try {
    return await ask('slow.example', 60_000)
  } catch (error) {
    console.log(error instanceof Error ? error.message : error)
    return await ask('fast.example', 1)
  }
})

if (import.meta.main) console.log(await firstAnswer())
