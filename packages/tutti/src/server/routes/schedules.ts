import { calendarContent } from '../../api/calendars.ts'
import { previewToWire, schedulePreviews } from '../../api/schedule-previews.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import type { Mount } from '../mount.ts'

export function mountSchedules(mount: Mount, { schedules: door }: ServerOrchestrator, clock: Clock): void {
  mount(schedulePreviews.preview, async ({ body: { schedule, options, calendar, n: limit, after } }) =>
    previewToWire(
      await door.preview({
        schedule: schedule(clock.now()),
        options: options ?? {},
        calendar: calendar === null || calendar === undefined ? null : calendarContent(calendar),
        from: after ?? null,
        limit,
      }),
    ),
  )
}
