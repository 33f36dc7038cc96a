// Serves the flows of the benchmarks in this process.
import { serve } from 'tutti'
import { firstLine, threeTasks, wide } from './flows.ts'

await serve([firstLine.deployment({ name: 'served' }), wide.deployment({ name: 'served' }), threeTasks.deployment({ name: 'served' })], {
  limit: 50,
})
