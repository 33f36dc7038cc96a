// The process whose server goes away: tasks one after the other and many at once, large results and small, a sub-flow in between. Each start
// of a function and each acknowledged result is written down where it outlives everything.
import { flow, run, task } from 'tutti'
import { append, play } from './play.ts'

const [, , , url = ''] = process.argv
// The port and not the socket of the home: the test stands between the two.
process.env['TUTTI_API_URL'] = url
process.argv.length = 3

const TASKS = 120
const WIDTH = 25
/** Beyond what is kept in the row of a task run. */
const LARGE = 100_000

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10))

const step = task({ name: 'step', runName: 'step {0}' }, async (index: number) => {
  append('story', `called step ${index}`)
  await pause()
  return index % 20 === 0 ? 'x'.repeat(LARGE) : String(index)
})

const inner = flow({ name: 'inner' }, async (from: number) => {
  const results = await step.map(Array.from({ length: WIDTH }, (_, index) => from + index))
  return results.length
})

await play({
  work: flow({ name: 'work' }, async () => {
    const { log } = run()
    let sum = 0
    for (let index = 0; index < TASKS; index++) {
      sum += (await step(index)).length
      append('story', `acknowledged step ${index}`)
      if (index % 40 === 0) sum += await inner(1_000 + index * 100)
      log.info(`after step ${index}`)
    }
    return sum
  }),
})
