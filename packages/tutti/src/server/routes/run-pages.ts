import { doneToWire, planToWire, runFilterOf, runPages, runPageToWire } from '../../api/run-pages.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import { abilitiesOf } from '../client-abilities.ts'
import type { Mount } from '../mount.ts'

export function mountRunPages(mount: Mount, { runPages: pages, bulkRuns }: ServerOrchestrator, clock: Clock): void {
  mount(runPages.page, async ({ body: { sort, limit, cursor = null, ...filters } }) =>
    runPageToWire(await pages.page({ ...runFilterOf(filters), sort, limit, cursor }), clock.now()),
  )
  mount(runPages.planBulk, async ({ body: { action, ...filters } }) => planToWire(await bulkRuns.plan(action, runFilterOf(filters))))
  mount(runPages.bulk, async ({ body, client }) => {
    const { action, up_to: upTo, expected_count: expectedCount = null, limit, cursor = null, ...filters } = body
    const request = { ...runFilterOf(filters), action, upTo, expectedCount, limit, cursor, client: abilitiesOf(client) }
    return doneToWire(await bulkRuns.act(request))
  })
}
