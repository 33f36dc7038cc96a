import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { Download, Trash2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import { useChange } from '../../change.ts'
import { ArtifactContent } from '../../parts/artifact-content.tsx'
import { Button, IconButton } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { CopyButton } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Select } from '../../parts/field.tsx'
import { DeploymentLink, FlowLink, FlowRunLink } from '../../parts/names.tsx'
import { Page, Section } from '../../parts/page.tsx'
import { save } from '../../parts/save.ts'
import { StateBadge } from '../../parts/state-badge.tsx'
import { Ago, Moment } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import { comparable, csvOf, fileEnding, lineDiff, sortedBy, tableRows } from './kinds.ts'
import { ArtifactTable } from './table.tsx'

export function ArtifactPage(): ReactElement {
  const { id = '' } = useParams({ strict: false })
  const address = useAddress()
  const navigate = useNavigate()
  const { data: artifact, error, refetch } = useQuery(queries.artifact(id))
  const { data: versions = [] } = useQuery(queries.artifactVersions(artifact?.key ?? null))
  const [isDeleted, setDeleted] = useState(false)
  const remove = useChange(queries.removeArtifact, ['artifacts'])
  const other = versions.find((each) => each.id === address.one('compare'))
  const crumbs = [{ label: 'Artifacts', to: '/artifacts' }]
  if (artifact === undefined)
    return (
      <Page title="Artifact" crumbs={crumbs}>
        {error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />}
      </Page>
    )
  const { key, type, description, data } = artifact
  const label = key ?? `${type ?? 'artifact'} without a key`
  const latest = versions[0]
  const rows = type === 'table' ? tableRows(data) : undefined
  const copied = rows !== undefined ? csvOf(rows) : comparable(type, data)
  return (
    <Page
      title={label}
      crumbs={crumbs}
      beside={<span className="rounded-full bg-sunken px-2 py-0.5 text-xs text-ink-2">{type ?? 'no type'}</span>}
      about={description}
      actions={
        <>
          {latest !== undefined && latest.id !== id && (
            <Link to="/artifacts/$id" params={{ id: latest.id }} className="text-sm text-accent-text hover:underline">
              There is a newer one
            </Link>
          )}
          <Button look="danger" icon={Trash2} onClick={() => setDeleted(true)}>
            Delete
          </Button>
        </>
      }
    >
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_18rem]">
        <Section
          title={other === undefined ? 'Content' : 'Compared'}
          actions={
            <>
              {versions.length > 1 && (
                <Select
                  label="Compare with"
                  options={[
                    { value: 'none', label: 'Compare with …' },
                    ...versions
                      .map((each, at) => ({ value: each.id, label: `Version ${versions.length - at}` }))
                      .filter(({ value }) => value !== id),
                  ]}
                  value={other?.id ?? 'none'}
                  onChange={(next) => address.set({ compare: next === 'none' ? undefined : next })}
                />
              )}
              <CopyButton text={copied} label={rows === undefined ? 'Copy the content' : 'Copy as CSV'} />
              <IconButton
                label={rows === undefined ? 'Download the content' : 'Download as CSV'}
                icon={Download}
                size="small"
                onClick={() => void save(() => Promise.resolve(copied), `${label}.${fileEnding(type, data)}`)}
              />
            </>
          }
        >
          <div className="min-w-0 p-4">
            {other !== undefined ? (
              <Comparison before={comparable(other.type, other.data)} after={comparable(type, data)} />
            ) : rows !== undefined ? (
              <SortedTable rows={rows} label={label} />
            ) : (
              <ArtifactContent type={type} data={data} label={label} />
            )}
          </div>
        </Section>
        <div className="flex flex-col gap-4">
          <Section title="Where it came from">
            <Origin artifact={artifact} />
          </Section>
          {versions.length > 0 && (
            <Section title={versions.length === 1 ? 'One version' : `${versions.length} versions`}>
              <ol className="max-h-96 overflow-y-auto py-1">
                {versions.map((each, at) => (
                  <li key={each.id}>
                    <Link
                      to="/artifacts/$id"
                      params={{ id: each.id }}
                      aria-current={each.id === id ? 'page' : undefined}
                      className={`flex justify-between gap-2 px-4 pt-1.5 text-sm hover:bg-hover ${each.id === id ? 'bg-accent-soft font-medium text-accent-text' : ''}`}
                    >
                      <span>
                        Version {versions.length - at}
                        {at === 0 ? ', the latest' : ''}
                      </span>
                      <Ago at={each.created} />
                    </Link>
                    <p className={`truncate px-4 pb-1.5 text-xs text-ink-3 ${each.id === id ? 'bg-accent-soft' : ''}`}>
                      {each.flow_run_id === null ? (
                        'of no run'
                      ) : (
                        <>
                          of <FlowRunLink id={each.flow_run_id} />
                        </>
                      )}
                    </p>
                  </li>
                ))}
              </ol>
            </Section>
          )}
        </div>
      </div>
      <Confirm
        title="Delete this artifact?"
        verb="Delete the artifact"
        isOpen={isDeleted}
        isBusy={remove.isPending}
        onClose={() => setDeleted(false)}
        onConfirm={() => remove.mutate(id, { onSuccess: () => void navigate({ to: '/artifacts' }), onError: () => setDeleted(false) })}
      >
        {versions.length > 1 ? 'The other versions of its key stay.' : 'Its key is gone with it.'}
      </Confirm>
    </Page>
  )
}

function Origin({ artifact }: { readonly artifact: queries.StoredArtifact }): ReactElement {
  const { flow_run_id: runId, task_run_id: taskRunId } = artifact
  const run = useQuery({ ...queries.flowRun(runId ?? ''), enabled: runId !== null })
  const { data: task } = useQuery(queries.taskRunOfArtifact(taskRunId))
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2 p-4 text-sm">
      <dt className="text-ink-3">Run</dt>
      <dd className="min-w-0">
        {runId === null ? (
          'none'
        ) : (
          <span className="flex min-w-0 flex-wrap items-center gap-2">
            <Link to="/runs/$id" params={{ id: runId }} className="truncate font-medium hover:underline">
              {run.data?.name ?? (run.error === null ? runId.slice(0, 8) : 'a run that is deleted')}
            </Link>
            {run.data !== undefined && <StateBadge type={run.data.state_type} name={run.data.state_name} />}
          </span>
        )}
      </dd>
      {run.data !== undefined && (
        <>
          <dt className="text-ink-3">Flow</dt>
          <dd className="min-w-0 truncate">
            <FlowLink id={run.data.flow_id} />
          </dd>
          {run.data.deployment_id !== null && (
            <>
              <dt className="text-ink-3">Deployment</dt>
              <dd className="min-w-0 truncate">
                <DeploymentLink id={run.data.deployment_id} />
              </dd>
            </>
          )}
          <dt className="text-ink-3">Beside it</dt>
          <dd>
            <Link to="/runs/$id" params={{ id: run.data.id }} search={{ tab: 'artifacts' }} className="text-accent-text hover:underline">
              All artifacts of the run
            </Link>
          </dd>
        </>
      )}
      {taskRunId !== null && (
        <>
          <dt className="text-ink-3">Task run</dt>
          <dd className="min-w-0 truncate">
            {runId === null ? (
              (task?.name ?? taskRunId)
            ) : (
              <Link to="/runs/$id" params={{ id: runId }} search={{ task: taskRunId }} className="hover:underline">
                {task?.name ?? taskRunId.slice(0, 8)}
              </Link>
            )}
          </dd>
        </>
      )}
      <dt className="text-ink-3">Published</dt>
      <dd>
        <Moment at={artifact.created} />
      </dd>
      {artifact.updated !== artifact.created && (
        <>
          <dt className="text-ink-3">Changed</dt>
          <dd>
            <Ago at={artifact.updated} />
          </dd>
        </>
      )}
    </dl>
  )
}

function SortedTable({
  rows,
  label,
}: {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly label: string
}): ReactElement {
  const address = useAddress()
  const [name, order] = [address.one('sort'), address.one('order')]
  const sorted = useMemo(() => sortedBy(rows, name, order === 'down'), [rows, name, order])
  return (
    <ArtifactTable
      rows={sorted}
      label={label}
      sortedBy={name}
      isDown={order === 'down'}
      onSort={(sort, isDown) => address.set({ sort, order: isDown ? 'down' : undefined })}
    />
  )
}

const MARKS = { same: ' ', added: '+', removed: '-' } as const

function Comparison({ before, after }: { readonly before: string; readonly after: string }): ReactElement {
  const lines = useMemo(() => lineDiff(before, after), [before, after])
  if (lines.every(({ type }) => type === 'same')) return <p className="text-sm text-ink-2">Both say the same.</p>
  return (
    <pre tabIndex={0} aria-label="What changed since" className="overflow-x-auto font-mono text-xs leading-5">
      {lines.map(({ type, text }, at) => (
        <div
          // oxlint-disable-next-line react/no-array-index-key -- lines of one comparison have no names
          key={at}
          className={
            type === 'added'
              ? 'bg-[color-mix(in_oklch,var(--state-completed)_12%,transparent)] text-(--state-completed-text)'
              : type === 'removed'
                ? 'bg-[color-mix(in_oklch,var(--state-failed)_10%,transparent)] text-(--state-failed-text)'
                : 'text-ink-2'
          }
        >
          {MARKS[type]} {text}
        </div>
      ))}
    </pre>
  )
}
