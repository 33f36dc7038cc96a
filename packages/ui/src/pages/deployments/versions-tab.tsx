import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { GitCommitHorizontal, History, RotateCcw } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import { plural } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Select } from '../../parts/field.tsx'
import { Section } from '../../parts/page.tsx'
import { Ago } from '../../parts/time-text.tsx'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { withoutSecrets } from './secrets.ts'
import { diffBetween } from './version-diff.ts'
import type { FieldDiff } from './version-diff.ts'

export function VersionsTab({
  deployment,
  flowName,
}: {
  readonly deployment: queries.Deployment
  readonly flowName: string
}): ReactElement {
  const address = useAddress()
  const { data: versions, error, refetch } = useQuery(queries.deploymentVersions(deployment.id))
  const [rollback, setRollback] = useState<queries.DeploymentVersion>()
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  if (versions === undefined) return <Loading />
  if (versions.length === 0)
    return (
      <Empty icon={History} title="It has no versions" command="tutti deploy">
        Every deploy that changes something makes one, with its commit and author. What was registered by other means has none.
      </Empty>
    )
  const newest = versions[0]!.number
  const to = numberIn(address.one('to'), versions) ?? newest
  const from = numberIn(address.one('version'), versions) ?? Math.max(versions.at(-1)!.number, to - 1)
  return (
    <div className="grid gap-4 pt-4 lg:grid-cols-[minmax(0,22rem)_minmax(0,1fr)] lg:items-start">
      <ol aria-label="Versions" className="divide-y divide-line rounded-lg border border-line bg-surface">
        {versions.map((version) => (
          <li key={version.id} className={`flex flex-col gap-1 p-3 text-sm ${version.number === to ? 'bg-accent-soft' : ''}`}>
            <div className="flex items-center justify-between gap-2">
              <button
                type="button"
                aria-current={version.number === to}
                onClick={() => address.set({ to: String(version.number), version: String(Math.max(1, version.number - 1)) })}
                className="min-w-0 truncate font-medium hover:underline"
              >
                Version {version.number}
                {version.version !== null && version.version !== String(version.number) && (
                  <span className="text-ink-2"> · {version.version}</span>
                )}
              </button>
              {version.is_current ? (
                <span className="rounded-full bg-sunken px-2 text-2xs font-medium text-ink-2">current</span>
              ) : (
                <Button size="small" icon={RotateCcw} onClick={() => setRollback(version)}>
                  Go to it
                </Button>
              )}
            </div>
            <p className="flex flex-wrap items-center gap-x-2 text-xs text-ink-3">
              <Ago at={version.created} />
              {version.origin?.author !== null && version.origin?.author !== undefined && <span>{version.origin.author}</span>}
              {version.origin?.commit !== null && version.origin?.commit !== undefined && (
                <span className="inline-flex items-center gap-1">
                  <GitCommitHorizontal aria-hidden className="size-3.5" />
                  <code className="font-mono">{version.origin.commit.slice(0, 8)}</code>
                  {version.origin.branch}
                  {version.origin.dirty === true && <span>with uncommitted changes</span>}
                </span>
              )}
              <span>{version.changes.length === 0 ? 'first' : plural(version.changes.length, 'change')}</span>
            </p>
          </li>
        ))}
      </ol>
      <Compared versions={versions} from={from} to={to} />
      <Rollback deployment={deployment} flowName={flowName} version={rollback} versions={versions} onClose={() => setRollback(undefined)} />
    </div>
  )
}

function numberIn(text: string | undefined, versions: readonly queries.DeploymentVersion[]): number | undefined {
  const number = Number(text)
  return versions.some((version) => version.number === number) ? number : undefined
}

function Compared({
  versions,
  from,
  to,
}: {
  readonly versions: readonly queries.DeploymentVersion[]
  readonly from: number
  readonly to: number
}): ReactElement {
  const address = useAddress()
  const options = versions.map(({ number, is_current: isCurrent }) => ({
    value: String(number),
    label: `Version ${number}${isCurrent ? ' (current)' : ''}`,
  }))
  return (
    <Section
      title="What differs"
      actions={
        <span className="flex flex-wrap items-center gap-2 text-xs text-ink-2">
          from
          <Select label="From version" options={options} value={String(from)} onChange={(version) => address.set({ version })} />
          to
          <Select label="To version" options={options} value={String(to)} onChange={(each) => address.set({ to: each })} />
        </span>
      }
    >
      {versions.length === 1 ? (
        <p className="px-4 py-3 text-sm text-ink-3">It is the only version: the next deploy that changes something makes another.</p>
      ) : (
        <Diff diffs={diffBetween(versions, from, to)} />
      )}
    </Section>
  )
}

function Diff({ diffs }: { readonly diffs: readonly FieldDiff[] }): ReactElement {
  if (diffs.length === 0) return <p className="px-4 py-3 text-sm text-ink-3">Nothing.</p>
  return (
    <dl className="divide-y divide-line text-sm">
      {diffs.map(({ field, was, now }) => (
        <div key={field} className="flex flex-col gap-1 px-4 py-2">
          <dt className="font-mono text-xs text-ink-2">{field}</dt>
          <dd className="flex flex-col gap-1">
            {was !== undefined && <Side mark="−" label="was" tone="failed" field={field} value={was} />}
            {now !== undefined && <Side mark="+" label="is" tone="completed" field={field} value={now} />}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Side({
  mark,
  label,
  tone,
  field,
  value,
}: {
  readonly mark: string
  readonly label: string
  readonly tone: 'failed' | 'completed'
  readonly field: string
  readonly value: unknown
}): ReactElement {
  const shown = withoutSecrets(value, field.split('.').at(-1))
  return (
    <pre
      className="flex max-h-60 gap-2 overflow-auto rounded px-2 py-1 font-mono text-xs whitespace-pre-wrap text-ink"
      style={{ background: `color-mix(in oklch, var(--state-${tone}) 11%, transparent)` }}
    >
      <span aria-hidden style={{ color: `var(--state-${tone}-text)` }}>
        {mark}
      </span>
      <span className="sr-only">{label} </span>
      <span className="min-w-0 break-words">{typeof shown === 'string' ? shown : JSON.stringify(shown, null, 2)}</span>
    </pre>
  )
}

function Rollback({
  deployment,
  flowName,
  version,
  versions,
  onClose,
}: {
  readonly deployment: queries.Deployment
  readonly flowName: string
  readonly version: queries.DeploymentVersion | undefined
  readonly versions: readonly queries.DeploymentVersion[]
  readonly onClose: () => void
}): ReactElement | null {
  const cache = useQueryClient()
  const { mutate, isPending } = useMutation({
    mutationFn: (number: number) => queries.promoteVersion(deployment.id, number),
    onSuccess: (_, number) => tell({ tone: 'info', text: `New runs of ${deployment.name} are those of version ${number}.` }),
    onSettled: async () => {
      await cache.invalidateQueries({ queryKey: ['deployments'] })
      onClose()
    },
  })
  if (version === undefined) return null
  const current = versions.find(({ is_current: isCurrent }) => isCurrent)
  return (
    <Confirm
      title={`Make version ${version.number} the current one?`}
      verb={`Go to version ${version.number}`}
      isOpen
      isBusy={isPending}
      onClose={onClose}
      onConfirm={() => mutate(version.number)}
    >
      <p>
        Code, parameters and schedules of {flowName}/{deployment.name} become those of version {version.number}. Runs that exist keep the
        version they were made from. The next deploy makes it again what its configuration says.
      </p>
      {current !== undefined && (
        <div className="mt-3 rounded-md border border-line">
          <Diff diffs={diffBetween(versions, current.number, version.number)} />
        </div>
      )}
    </Confirm>
  )
}
