import { exponential, flow, run, task } from 'tutti'

/** A server that says when to come back: the delay the error carries wins over the delay of the task. */
class BusyError extends Error {
  readonly retryAfter = '50ms'
}

const fetchPage = task(
  {
    name: 'fetch-page',
    retries: 4,
    retryDelay: exponential('20ms', { factor: 2, max: '1s', jitter: 0.2 }),
    // A page that is not there will not be there in a second either.
    retryIf: (error) => !(error instanceof RangeError),
  },
  (page: number) => {
    const { attempt } = run()
    console.log(`page ${page}, attempt ${attempt}`)
    if (page > 2) throw new RangeError(`there is no page ${page}`)
    if (attempt < page + 1) throw new BusyError('busy')
    return `text of page ${page}`
  },
)

export const retries = flow({ name: 'retries' }, async () => {
  console.log(await fetchPage(1))
  console.log(await fetchPage(2))
  const third = await fetchPage(3).state()
  console.log(`page 3: ${third.name}, ${third.message}`)
})

if (import.meta.main) await retries()
