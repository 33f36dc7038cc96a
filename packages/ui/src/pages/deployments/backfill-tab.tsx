import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ban, History, Pause, Play } from 'lucide-react'
import type { ReactElement } from 'react'
import { useAddress } from '../../address.ts'
import { number } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { ToneBadge, ToneIcon } from '../../parts/state-badge.tsx'
import { Ago } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import { colorOf, textColorOf, toneOf } from '../../states.ts'
import type { Tone } from '../../states.ts'
import { BackfillDialog } from './backfill-dialog.tsx'
import { quoted } from './run-code.ts'

const STATUS: Readonly<Record<queries.Backfill['status'], readonly [Tone, string]>> = {
  RUNNING: ['running', 'Running'],
  PAUSED: ['paused', 'Paused'],
  CANCELLED: ['cancelled', 'Cancelled'],
  COMPLETED: ['completed', 'Completed'],
}

export function BackfillTab({
  deployment,
  flowName,
}: {
  readonly deployment: queries.Deployment
  readonly flowName: string
}): ReactElement {
  const address = useAddress()
  const { data: backfills, error, refetch } = useQuery(queries.backfillsOfDeployment(deployment.id))
  const open = (): void => address.set({ backfill: 'new' })
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  if (backfills === undefined) return <Loading />
  return (
    <div className="flex flex-col gap-4 pt-4">
      {backfills.length === 0 ? (
        <Empty
          icon={History}
          title="No backfill has been made"
          command={`tutti backfill ${quoted(`${flowName}/${deployment.name}`)} --from 2026-01-01 --to 2026-01-31 --plan`}
          action={
            <Button look="primary" icon={History} onClick={open}>
              Plan a backfill
            </Button>
          }
        >
          A backfill runs the deployment for times that have passed, a few at a time.
        </Empty>
      ) : (
        <>
          <div>
            <Button icon={History} onClick={open}>
              Plan a backfill
            </Button>
          </div>
          <ul className="flex flex-col gap-3">
            {backfills.map((backfill) => (
              <li key={backfill.id} className="rounded-lg border border-line bg-surface p-4">
                <BackfillCard backfill={backfill} />
              </li>
            ))}
          </ul>
        </>
      )}
      {address.one('backfill') === 'new' && <BackfillDialog deployment={deployment} onClose={() => address.set({ backfill: undefined })} />}
    </div>
  )
}

function BackfillCard({ backfill }: { readonly backfill: queries.Backfill }): ReactElement {
  const cache = useQueryClient()
  const { mutate, isPending } = useMutation({
    mutationFn: (verb: 'pause' | 'resume' | 'cancel') => queries.steerBackfill(backfill.id, verb),
    onSettled: () => cache.invalidateQueries({ queryKey: ['flow-runs'] }),
  })
  const [tone, word] = STATUS[backfill.status]
  const isOpen = backfill.status === 'RUNNING' || backfill.status === 'PAUSED'
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
          <ToneBadge tone={tone}>{word}</ToneBadge>
          <span className="tabular font-medium">
            {day(backfill.start_time, backfill.timezone)} – {day(backfill.end_time, backfill.timezone)}
          </span>
          <span className="text-xs text-ink-3">
            {backfill.order} first, {backfill.concurrency} at once, {CHOICES[backfill.only]}, asked for <Ago at={backfill.created} />
          </span>
        </div>
        <span className="flex gap-1.5">
          <Link
            to="/runs"
            search={{ tag: `backfill:${backfill.id}` }}
            className="self-center px-2 text-xs text-accent-text hover:underline"
          >
            Its runs
          </Link>
          {backfill.status === 'RUNNING' && (
            <Button size="small" icon={Pause} isBusy={isPending} onClick={() => mutate('pause')}>
              Pause
            </Button>
          )}
          {backfill.status === 'PAUSED' && (
            <Button size="small" icon={Play} isBusy={isPending} onClick={() => mutate('resume')}>
              Go on
            </Button>
          )}
          {isOpen && (
            <Button size="small" look="danger" icon={Ban} isBusy={isPending} onClick={() => mutate('cancel')}>
              Cancel
            </Button>
          )}
        </span>
      </div>
      <Progress backfill={backfill} />
    </div>
  )
}

const CHOICES = { all: 'all times', failed: 'only times that failed', missing: 'only times that are missing' } as const

function Progress({ backfill: { total, made, runs } }: { readonly backfill: queries.Backfill }): ReactElement {
  const states = Object.entries(runs).filter(([, count]) => count > 0)
  const ended = ['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'].reduce((sum, type) => sum + (runs[type] ?? 0), 0)
  return (
    <div className="flex flex-col gap-1.5">
      <div
        role="progressbar"
        aria-label="Runs that have ended"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={ended}
        className="flex h-2 overflow-hidden rounded-full bg-sunken"
      >
        {states.map(([type, count]) => (
          <span key={type} style={{ width: `${(count / Math.max(1, total)) * 100}%`, background: colorOf(toneOf(type)) }} />
        ))}
      </div>
      <p className="tabular flex flex-wrap gap-x-4 text-xs text-ink-2">
        <span>
          {number(ended)} of {number(total)} ended
        </span>
        {states.map(([type, count]) => (
          <span key={type} className="inline-flex items-center gap-1" style={{ color: textColorOf(toneOf(type)) }}>
            <ToneIcon tone={toneOf(type)} size="size-3" />
            {number(count)} {type.toLowerCase()}
          </span>
        ))}
        {made < total && <span className="text-ink-3">{number(total - made)} to be made</span>}
      </p>
    </div>
  )
}

function day(time: string, zone: string | null): string {
  return new Intl.DateTimeFormat('sv', {
    ...(zone === null ? undefined : { timeZone: zone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(new Date(time))
}
