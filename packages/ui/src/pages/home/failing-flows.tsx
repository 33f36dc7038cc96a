import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { plural } from '../../format.ts'
import { FlowLink } from '../../parts/names.tsx'
import { Section } from '../../parts/page.tsx'
import { RunStrip } from '../../parts/run-strip.tsx'
import { ToneBadge } from '../../parts/state-badge.tsx'
import { Ago, Moment } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import type { FlowRun } from '../../queries/values.ts'
import { runsAddress } from '../../run-filter.ts'
import type { BarsWindow } from '../../time-window.ts'
import { failingFlows } from './failing.ts'
import type { FailingFlow } from './failing.ts'
import { Frame } from './frame.tsx'
import { Quiet } from './quiet.tsx'

const SHOWN_MAX = 5

/** Flows that failed in the window: which are broken still, since when, and what the last failure said. */
export function FailingFlows({ window }: { readonly window: BarsWindow }): ReactElement {
  const failed = useQuery(queries.failedRuns(window))
  const ids = useMemo(() => [...new Set(failed.data?.runs.map((run) => run.flow_id))].toSorted(), [failed.data])
  const { data: overviews } = useQuery(queries.flowOverviews(ids))
  const flows = useMemo(() => failingFlows(failed.data?.runs ?? [], (id) => overviews?.[id]?.last_runs), [failed.data, overviews])
  return (
    <Section title="Flows that fail">
      <Frame query={failed} heightPx={160}>
        {flows.length === 0 ? (
          <Quiet icon={CircleCheck} text="No run failed in this time." />
        ) : (
          <ul>
            {flows.slice(0, SHOWN_MAX).map((flow) => (
              <Failing
                key={flow.flowId}
                flow={flow}
                hasMore={failed.data?.hasMore === true}
                window={window}
                lastRuns={overviews?.[flow.flowId]?.last_runs}
              />
            ))}
          </ul>
        )}
        {flows.length > SHOWN_MAX && (
          <p className="border-t border-line px-4 py-2 text-xs text-ink-3">
            <Link to="/flows" search={{}} className="hover:text-ink hover:underline">
              {plural(flows.length - SHOWN_MAX, 'more flow')}
            </Link>
          </p>
        )}
      </Frame>
    </Section>
  )
}

function Failing({
  flow: { flowId, failures, last, brokenSince, inARow, isLonger },
  hasMore,
  window,
  lastRuns,
}: {
  readonly flow: FailingFlow<FlowRun>
  readonly hasMore: boolean
  readonly window: BarsWindow
  readonly lastRuns: queries.FlowOverview['last_runs'] | undefined
}): ReactElement {
  const failedRuns = runsAddress({
    flows: [flowId],
    states: ['FAILED', 'CRASHED'],
    time: { type: 'between', from: window.from, to: window.to },
    timeOf: 'expected',
  })
  return (
    <li className="flex flex-col gap-1.5 border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="min-w-36 flex-1 truncate text-sm font-medium">
          <FlowLink id={flowId} />
        </span>
        {lastRuns !== undefined && <RunStrip runs={lastRuns} />}
        {/* As wide as the longer word: strips stand below each other. */}
        <span className="flex w-28 justify-end">
          {brokenSince === undefined ? <ToneBadge tone="completed">Recovered</ToneBadge> : <ToneBadge tone="failed">Broken</ToneBadge>}
        </span>
      </div>
      <p className="line-clamp-2 text-sm break-words text-ink-2">
        <Link to="/runs/$id" params={{ id: last.id }} search={{}} className="hover:text-ink hover:underline">
          {last.state?.message ?? `${last.state_name ?? 'Failed'} without a message`}
        </Link>
      </p>
      <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
        <Link to="/runs" search={failedRuns} className="hover:text-ink hover:underline">
          {plural(failures, 'failure')}
          {hasMore && ' among the newest 200'}
        </Link>
        <span>
          last <Ago at={last.start_time ?? last.expected_start_time} />
        </span>
        {brokenSince !== undefined && (
          <span>
            {inARow > 1 && `${inARow} in a row, `}since {isLonger && 'before '}
            <Moment at={brokenSince} />
          </span>
        )}
      </p>
    </li>
  )
}
