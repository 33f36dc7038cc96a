import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { AlarmClockCheck } from 'lucide-react'
import type { ReactElement } from 'react'
import { duration } from '../../format.ts'
import { CopyButton } from '../../parts/empty.tsx'
import { FlowLink } from '../../parts/names.tsx'
import { Section } from '../../parts/page.tsx'
import { StateIcon } from '../../parts/state-badge.tsx'
import { useNow } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import type { FlowRun } from '../../queries/values.ts'
import { runsAddress } from '../../run-filter.ts'
import { Frame } from './frame.tsx'
import { Quiet } from './quiet.tsx'

const SHOWN_MAX = 5
/** One more says whether there are others. */
export const LATE_ASKED = SHOWN_MAX + 1

/** Runs whose time has come and that nobody has taken: why, and what to do. */
export function LateRuns(): ReactElement {
  const late = useQuery(queries.lateRuns(LATE_ASKED))
  const runs = late.data ?? []
  return (
    <Section
      title="Late runs"
      actions={
        runs.length > SHOWN_MAX && (
          <Link to="/runs" search={runsAddress({ states: ['Late'] })} className="text-xs text-accent-text hover:underline">
            Show all
          </Link>
        )
      }
    >
      <Frame query={late} heightPx={120}>
        {runs.length === 0 ? (
          <Quiet icon={AlarmClockCheck} text="Nothing waits longer than it should." />
        ) : (
          <ul>
            {runs.slice(0, SHOWN_MAX).map((run) => (
              <LateRun key={run.id} run={run} />
            ))}
          </ul>
        )}
      </Frame>
    </Section>
  )
}

function LateRun({ run }: { readonly run: FlowRun }): ReactElement {
  const now = useNow()
  const { data, error, isPending } = useQuery(queries.explanation(run.id))
  const reason = data?.reasons.find(({ blocks }) => blocks) ?? data?.reasons[0]
  return (
    <li className="flex flex-col gap-1.5 border-b border-line px-4 py-3 last:border-b-0">
      <div className="flex items-center gap-2 text-sm">
        <StateIcon type={run.state_type} name={run.state_name} />
        <Link
          to="/runs/$id"
          params={{ id: run.id }}
          search={{}}
          title={run.name}
          className="max-w-1/2 shrink-0 truncate font-medium hover:underline"
        >
          {run.name}
        </Link>
        <span className="min-w-0 truncate text-ink-2">
          <FlowLink id={run.flow_id} />
        </span>
        <span className="tabular ml-auto shrink-0 text-xs text-ink-2">
          {duration(now - Date.parse(run.expected_start_time ?? run.created))} late
        </span>
      </div>
      {reason !== undefined && <p className="text-sm break-words text-ink-2">{reason.message}</p>}
      {reason?.action.type === 'command' && reason.action.text !== '' && (
        <p className="flex max-w-full items-center gap-1 self-start rounded-md border border-line bg-sunken py-0.5 pr-0.5 pl-2.5">
          <code tabIndex={0} className="overflow-x-auto font-mono text-xs whitespace-pre">
            {reason.action.text}
          </code>
          <CopyButton text={reason.action.text} label="Copy the command" />
        </p>
      )}
      {reason?.action.type === 'request' && <p className="text-xs text-ink-3">{reason.action.text}</p>}
      {reason === undefined && !isPending && (
        <p className="text-sm text-ink-3">
          {error === null ? 'Nothing holds it back: a worker takes it any moment.' : 'Why could not be found out.'}
        </p>
      )}
    </li>
  )
}
