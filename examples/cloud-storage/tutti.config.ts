import { archive, defineConfig } from 'tutti'
import { publish } from './flow.ts'

export default defineConfig({
  deployments: [publish.deployment({ name: 'prod', pool: 'local', code: archive({ address: 'gs://team-code/flows' }) })],
})
