import { calendarContent, calendars, calendarToWire } from '../../api/calendars.ts'
import { pageOf } from '../../api/page.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'
import { Reply } from '../reply.ts'

export function mountCalendars(mount: Mount, { calendars: door }: ServerOrchestrator): void {
  mount(calendars.list, async ({ body }) => (await door.list(pageOf(body))).map(calendarToWire))
  mount(calendars.read, async ({ params }) => calendarToWire(await door.read(params.name)))
  mount(calendars.put, async ({ params, body }) => {
    const { calendar, isNew } = await door.put(params.name, calendarContent(body))
    return new Reply(isNew ? 201 : 200, calendarToWire(calendar))
  })
  mount(calendars.remove, ({ params }) => door.remove(params.name))
}
