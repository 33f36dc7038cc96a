import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CalendarOff } from 'lucide-react'
import type { ReactElement } from 'react'
import { plural, useTimeFormat } from '../../format.ts'
import { DeploymentLink, FlowName } from '../../parts/names.tsx'
import { Section } from '../../parts/page.tsx'
import { Ago, stepBefore, useNowInSteps } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import { runsAddress } from '../../run-filter.ts'
import type { Bounds } from '../../time-window.ts'
import { Frame } from './frame.tsx'
import { Quiet } from './quiet.tsx'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const SHOWN_MAX = 6

export function nextHour(now: number): Bounds {
  const from = stepBefore(now, MINUTE_MS)
  return { from, to: from + HOUR_MS }
}

/** What begins within the hour, each deployment once. */
export function Upcoming(): ReactElement {
  const format = useTimeFormat()
  const from = useNowInSteps(MINUTE_MS)
  const upcoming = useQuery(queries.upcomingRuns(nextHour(from)))
  const groups = [...Map.groupBy(upcoming.data ?? [], (run) => run.deployment_id ?? `flow ${run.flow_id}`).values()]
  return (
    <Section
      title="In the next hour"
      actions={
        <Link
          to="/runs"
          search={runsAddress({ time: { type: 'next', ms: 24 * HOUR_MS }, timeOf: 'expected' })}
          className="text-xs text-accent-text hover:underline"
        >
          Next 24 hours
        </Link>
      }
    >
      <Frame query={upcoming} heightPx={120}>
        {groups.length === 0 && <Quiet icon={CalendarOff} text="Nothing is planned for the next hour." />}
        <ul>
          {groups.slice(0, SHOWN_MAX).map((runs) => {
            const [first] = runs
            if (first === undefined) return null
            return (
              <li key={first.id} className="flex items-center gap-3 border-b border-line px-4 py-2 text-sm last:border-b-0">
                <span className="tabular w-11 shrink-0 font-medium">
                  {format.time(first.next_scheduled_start_time ?? from).slice(0, 5)}
                </span>
                <span className="flex min-w-0 flex-1 items-baseline gap-2">
                  <span className="max-w-3/5 shrink-0 truncate">
                    <Link to="/runs/$id" params={{ id: first.id }} search={{}} className="font-medium hover:underline">
                      <FlowName id={first.flow_id} />
                    </Link>
                  </span>
                  <span className="min-w-0 truncate text-ink-2">
                    <DeploymentLink id={first.deployment_id} />
                  </span>
                </span>
                <span className="shrink-0 text-xs text-ink-3">
                  {runs.length > 1 && `${plural(runs.length, 'run')}, `}
                  <Ago at={first.next_scheduled_start_time} />
                </span>
              </li>
            )
          })}
        </ul>
        {groups.length > SHOWN_MAX && (
          <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
            {plural(groups.length - SHOWN_MAX, 'more deployment')} begin too
          </p>
        )}
      </Frame>
    </Section>
  )
}
