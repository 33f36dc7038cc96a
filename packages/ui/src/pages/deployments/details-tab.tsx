import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import { CopyButton } from '../../parts/empty.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Markdown } from '../../parts/markdown.tsx'
import { Section } from '../../parts/page.tsx'
import { StateIcon } from '../../parts/state-badge.tsx'
import { Ago, Moment } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import { withoutSecrets } from './secrets.ts'

export function DetailsTab({ deployment }: { readonly deployment: queries.Deployment }): ReactElement {
  const { global_concurrency_limit: limit, options } = deployment
  return (
    <div className="grid gap-4 pt-4 lg:grid-cols-2">
      {deployment.description !== null && deployment.description.trim() !== '' && (
        <div className="lg:col-span-2">
          <Section title="Description">
            <div className="px-4 py-3">
              <Markdown text={deployment.description} />
            </div>
          </Section>
        </div>
      )}
      <Section title="Code">
        <Facts>
          <Fact label="Entrypoint">{code(deployment.entrypoint)}</Fact>
          <Fact label="Path">{code(deployment.path)}</Fact>
          <Fact label="Version">{deployment.version ?? '–'}</Fact>
          <Fact label="Retries">{options.retries ?? 0}</Fact>
          <Fact label="Restarts after a crash">{options.crash_restarts ?? 0}</Fact>
          <Fact label="Parameters are checked">{deployment.enforce_parameter_schema ? 'yes' : 'no'}</Fact>
          <Fact label="Id">
            <span className="inline-flex items-center gap-1">
              <code className="font-mono text-xs break-all">{deployment.id}</code>
              <CopyButton text={deployment.id} label="Copy the id" />
            </span>
          </Fact>
          <Fact label="Made">
            <Moment at={deployment.created} />
          </Fact>
          <Fact label="Changed">
            <Moment at={deployment.updated} />
          </Fact>
        </Facts>
      </Section>
      <Section title="Concurrency">
        {limit === null ? (
          <p className="px-4 py-3 text-sm text-ink-3">Any number of runs at once.</p>
        ) : (
          <>
            <Facts>
              <Fact label="Runs at once">{limit.limit}</Fact>
              <Fact label="When it is reached">{COLLISIONS[options.collision ?? 'ENQUEUE']}</Fact>
            </Facts>
            <Holders id={deployment.id} />
          </>
        )}
      </Section>
      <Json title="Pull steps" value={deployment.pull_steps} empty="The code is where its runs start; nothing is fetched." />
      <Json title="Job variables" value={deployment.job_variables} empty="As the work pool says." />
      <Json title="Labels" value={deployment.labels} empty="None." />
    </div>
  )
}

const COLLISIONS = {
  ENQUEUE: 'the next run waits',
  CANCEL_NEW: 'the next run is cancelled',
  SKIP: 'the next run is skipped',
  CANCEL_RUNNING: 'the one that runs is cancelled',
} as const

function Holders({ id }: { readonly id: string }): ReactElement {
  const { data, error, refetch } = useQuery(queries.deploymentHolders(id))
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <p className="px-4 pb-3 text-sm text-ink-3">Looking who holds slots …</p>
  if (data.holders.length === 0) return <p className="px-4 pb-3 text-sm text-ink-3">Nobody holds a slot.</p>
  return (
    <ul aria-label="Who holds slots" className="divide-y divide-line border-t border-line">
      {data.holders.map(({ lease_id: lease, flow_run: run, since, holder }) => (
        <li key={lease ?? run?.id ?? since} className="flex items-center gap-2 px-4 py-2 text-sm">
          {run === null ? (
            <span className="min-w-0 flex-1 truncate">{holder?.name ?? 'somebody'}</span>
          ) : (
            <>
              <StateIcon type={run.state_type} name={run.state_name} />
              <Link to="/runs/$id" params={{ id: run.id }} className="min-w-0 flex-1 truncate text-accent-text hover:underline">
                {run.name}
              </Link>
            </>
          )}
          <span className="text-xs text-ink-3">
            since <Ago at={since} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function code(text: string | null): ReactNode {
  return text === null ? '–' : <code className="font-mono text-xs break-all">{text}</code>
}

function Facts({ children }: { readonly children: ReactNode }): ReactElement {
  return <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-4 gap-y-1.5 px-4 py-3 text-sm">{children}</dl>
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactElement {
  return (
    <>
      <dt className="text-ink-3">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  )
}

function Json({ title, value, empty }: { readonly title: string; readonly value: unknown; readonly empty: string }): ReactElement {
  const isEmpty = value === null || value === undefined || Object.keys(value).length === 0
  const text = isEmpty ? '' : JSON.stringify(withoutSecrets(value), null, 2)
  return (
    <Section title={title} actions={isEmpty ? undefined : <CopyButton text={text} />}>
      {isEmpty ? (
        <p className="px-4 py-3 text-sm text-ink-3">{empty}</p>
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keys
        <pre tabIndex={0} className="max-h-96 overflow-auto px-4 py-3 font-mono text-xs">
          {text}
        </pre>
      )}
    </Section>
  )
}
