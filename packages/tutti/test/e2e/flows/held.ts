import { flow, run, task } from 'tutti'

// Goes on until somebody outside ends the run; what ends it, it hears by its signal.
const hold = task({ name: 'hold' }, async () => {
  // Committed behind the task's mark: what is recorded now is that it runs.
  await run().now()
  const { signal } = run()
  console.log('holding')
  const alive = setInterval(() => undefined, 60_000)
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  clearInterval(alive)
  console.log('stopped')
})

await flow({ name: 'held' }, async () => hold())().catch((error: Error) => console.log(error.message))
