import { setTimeout as sleep } from 'node:timers/promises'
import { flow, task } from 'tutti'

// Longer than a run goes without the thread that renews its lease.
const work = task({ name: 'work' }, async () => sleep(900, 'worked'))

const lasting = flow({ name: 'lasting' }, async () => work())

console.log(await lasting())
