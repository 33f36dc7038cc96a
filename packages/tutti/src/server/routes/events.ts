import { events } from '../../api/events.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import type { Mount } from '../mount.ts'

export function mountEvents(mount: Mount, { events: door }: ServerOrchestrator, clock: Clock): void {
  mount(events.create, async ({ body }) => {
    const now = clock.now()
    await door.append(body.map((received) => received(now)))
  })
}
