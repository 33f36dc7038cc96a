// A flow that has another one run by somebody else. Prefect's states tell no results, so only its end is looked at.
import { flow, runDeployment } from 'tutti'

export const asking = flow({ name: 'asking' }, async ({ allowFailure = false }: { allowFailure?: boolean } = {}) => {
  const { stateName, message } = await runDeployment('etl/prod', { parameters: { day: '2026-01-01' }, tags: ['asked'], allowFailure })
  return { stateName, message }
})
