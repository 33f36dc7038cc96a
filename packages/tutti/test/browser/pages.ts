import type { Client } from 'tutti/client'
import type { Story } from './story/story.ts'

export interface ShownPage {
  /** Names the picture. */
  readonly name: string
  readonly to: string
}

const LISTS: readonly ShownPage[] = [
  { name: 'home', to: '/' },
  { name: 'runs', to: '/runs' },
  { name: 'flows', to: '/flows' },
  { name: 'deployments', to: '/deployments' },
  { name: 'work-pools', to: '/work-pools' },
  { name: 'concurrency', to: '/concurrency' },
  { name: 'logs', to: '/logs' },
  { name: 'events', to: '/events' },
  { name: 'artifacts', to: '/artifacts' },
  { name: 'blocks', to: '/blocks' },
  { name: 'block-types', to: '/blocks?tab=types' },
  { name: 'block-new', to: '/blocks/new/webhook' },
  { name: 'variables', to: '/variables' },
  { name: 'settings', to: '/settings' },
]

/** Every page there is to see on a server; pages about one thing only where the story has one. */
export async function pagesOf(client: Client, story: Story | undefined): Promise<readonly ShownPage[]> {
  if (story === undefined) return LISTS
  const flow = await client.flows.readByName({ name: 'trips-etl' })
  const deployment = await client.deployments.readByName({ flow_name: 'trips-etl', deployment_name: 'nightly' })
  const [artifact] = await client.artifacts.listLatest({ body: { limit: 1, offset: 0 } })
  const block = await client.blockTypes.document({ slug: 'warehouse', name: 'main' })
  return [
    ...LISTS,
    ...Object.entries(story).map(([name, id]) => ({ name: `run-${name}`, to: `/runs/${id}` })),
    { name: 'run-graph', to: `/runs/${story.completed}?view=graph` },
    { name: 'run-large-graph', to: `/runs/${story.large}?view=graph` },
    { name: 'flow', to: `/flows/${flow.id}` },
    { name: 'deployment', to: `/deployments/${deployment.id}` },
    { name: 'block', to: `/blocks/${block.id}` },
    { name: 'block-edit', to: `/blocks/${block.id}/edit` },
    { name: 'work-pool', to: '/work-pools/local' },
    ...(artifact === undefined ? [] : [{ name: 'artifact', to: `/artifacts/${artifact.latest_id}` }]),
  ]
}
