import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { Hint } from '../../parts/button.tsx'
import { ToneIcon } from '../../parts/state-badge.tsx'
import type { DeploymentOverview } from '../../queries.ts'
import { colorOf, textColorOf, toneOf } from '../../states.ts'

/** How the last runs went, the newest on the right. */
export function StateStrip({ runs }: { readonly runs: DeploymentOverview['last_runs'] }): ReactElement {
  if (runs.length === 0) return <span className="text-xs text-ink-3">no runs yet</span>
  const ordered = runs.toSorted((one, other) => (one.expected_start_time < other.expected_start_time ? -1 : 1))
  return (
    <span className="flex items-center gap-1">
      {ordered.map((run) => {
        const tone = toneOf(run.state_type, run.state_name)
        return (
          <Hint key={run.id} text={`${run.state_name}: ${run.name}`}>
            <Link
              to="/runs/$id"
              params={{ id: run.id }}
              aria-label={`${run.name}: ${run.state_name}`}
              className="grid size-5 place-items-center rounded-sm"
              style={{ color: textColorOf(tone), background: `color-mix(in oklch, ${colorOf(tone)} 18%, transparent)` }}
            >
              <ToneIcon tone={tone} size="size-3" />
            </Link>
          </Hint>
        )
      })}
    </span>
  )
}
