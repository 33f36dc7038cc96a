// A script as users write it: it connects to nothing and closes nothing. Its run takes longer than the beats wait for a thread of their own.
import { flow, task } from 'tutti'

const nap = task({ name: 'nap' }, () => new Promise((resolve) => setTimeout(resolve, 1_500)))

await flow({ name: 'plain' }, () => nap())()
console.log('done')
