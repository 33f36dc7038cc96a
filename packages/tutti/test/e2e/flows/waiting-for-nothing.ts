import { flow, task } from 'tutti'

const never = task({ name: 'never' }, () => new Promise<void>(() => undefined))

const waiting = flow({ name: 'waiting' }, async () => never())

void waiting()
