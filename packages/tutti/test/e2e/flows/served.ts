// Serves a flow of `worked.ts` until it is told to stop.
import { serve } from 'tutti'
import { holds, prints } from './worked.ts'

await serve([prints.deployment({ name: 'served', parameters: { times: 2 }, tags: ['night'] }), holds.deployment({ name: 'served' })])
console.log('SERVED')
