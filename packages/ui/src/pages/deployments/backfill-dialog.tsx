import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { plural } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Field, Input } from '../../parts/field.tsx'
import { Segmented } from '../../parts/segmented.tsx'
import { SchemaForm, validateAgainst } from '../../parts/schema-form/index.ts'
import { tell } from '../../parts/toasts.tsx'
import * as queries from '../../queries.ts'
import { backfillDays } from './backfill-days.ts'
import type { BackfillDay } from './backfill-days.ts'
import { schemaOf } from './deployment-schema.ts'
import { secondsOf } from './schedule-draft.ts'

type Only = 'all' | 'failed' | 'missing'
type Order = 'oldest' | 'newest'

const CONCURRENCY_MAX = 1_000
const WEEK_MS = 7 * 86_400_000

export function BackfillDialog({
  deployment,
  onClose,
}: {
  readonly deployment: queries.Deployment
  readonly onClose: () => void
}): ReactElement {
  const cache = useQueryClient()
  const hasSchedule = deployment.schedules.some(({ active }) => active)
  const zone = deployment.schedules[0]?.schedule.timezone ?? 'UTC'
  const [from, setFrom] = useState(() => new Date(Date.now() - WEEK_MS).toISOString().slice(0, 10))
  const [to, setTo] = useState(() => new Date().toISOString().slice(0, 10))
  const [step, setStep] = useState(hasSchedule ? '' : '1d')
  const [only, setOnly] = useState<Only>('missing')
  const [order, setOrder] = useState<Order>('oldest')
  const [atOnce, setAtOnce] = useState('2')
  const [parameters, setParameters] = useState<unknown>({})
  const schema = useMemo(() => ({ ...schemaOf(deployment), required: [] }), [deployment])
  const stepS = secondsOf(step)
  const concurrency = Number(atOnce)
  const errors = {
    to: from !== '' && to !== '' && to < from ? 'It lies before the first day.' : undefined,
    step:
      stepS === undefined
        ? 'A duration such as 1h or 1d is expected.'
        : stepS === null && !hasSchedule
          ? 'Without a schedule, a step is needed.'
          : undefined,
    atOnce:
      Number.isInteger(concurrency) && concurrency > 0 && concurrency <= CONCURRENCY_MAX
        ? undefined
        : `1 to ${CONCURRENCY_MAX} is expected.`,
  }
  const isRight = Object.values(errors).every((error) => error === undefined) && from !== '' && to !== ''
  const hasParameters = Object.keys(validateAgainst(schema, parameters)).length === 0
  const body = useMemo(
    (): queries.BackfillBody | undefined =>
      isRight
        ? {
            deployment_id: deployment.id,
            start_time: startOfDay(from, zone),
            // The last day is meant, too.
            end_time: startOfDay(dayAfter(to), zone),
            step: stepS ?? null,
            timezone: zone,
            order,
            concurrency,
            only,
            ...(hasParameters ? { parameters: parameters as Record<string, unknown> } : undefined), // it fits the schema
          }
        : undefined,
    [isRight, deployment.id, from, to, zone, stepS, order, concurrency, only, parameters, hasParameters],
  )
  const plan = useQuery(queries.backfillPlan(useDeferredValue(body)))
  const start = useMutation({
    meta: { isShown: true },
    mutationFn: queries.startBackfill,
    onSuccess: ({ total }) => {
      tell({ tone: 'info', text: `The backfill makes ${plural(total, 'run')}.` })
      onClose()
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ['flow-runs'] }),
  })
  const wanted = plan.data?.wanted.total ?? 0
  const problem = start.error ?? plan.error
  return (
    <Dialog
      title="Backfill"
      about="Runs the deployment for times that have passed. Days are those of its schedule’s time zone."
      isOpen
      isWide
      onClose={onClose}
      footer={
        <>
          <span role="status" className="mr-auto self-center text-sm text-ink-2">
            {plan.data === undefined || body === undefined
              ? ''
              : `${plural(wanted, 'run')} of ${plural(plan.data.all.total, 'time')} in the span.`}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            icon={Play}
            isBusy={start.isPending}
            disabled={body === undefined || wanted === 0 || !hasParameters}
            onClick={() => (body === undefined ? undefined : start.mutate(body))}
          >
            {wanted === 0 ? 'Start' : `Start ${plural(wanted, 'run')}`}
          </Button>
        </>
      }
    >
      <div className="grid gap-5 md:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid content-start gap-x-4 gap-y-3 sm:grid-cols-2">
          <Field label="First day">
            {(ids) => <Input {...ids} type="date" value={from} onChange={(event) => setFrom(event.target.value)} />}
          </Field>
          <Field label="Last day" error={errors.to}>
            {(ids) => <Input {...ids} type="date" value={to} onChange={(event) => setTo(event.target.value)} />}
          </Field>
          <Field
            label="Step"
            error={errors.step}
            about={hasSchedule ? 'Left empty: the times of its schedules.' : 'One run each so often: 1h, 1d.'}
          >
            {(ids) => <Input {...ids} autoComplete="off" value={step} onChange={(event) => setStep(event.target.value)} />}
          </Field>
          <Field label="At once" error={errors.atOnce} about="Runs under way at any moment, at most.">
            {(ids) => <Input {...ids} inputMode="numeric" value={atOnce} onChange={(event) => setAtOnce(event.target.value)} />}
          </Field>
          <div className="flex flex-col items-start gap-1">
            <span className="text-sm font-medium">Which times</span>
            <Segmented<Only>
              label="Which times"
              choices={[
                { value: 'missing', label: 'Missing' },
                { value: 'failed', label: 'Failed' },
                { value: 'all', label: 'All' },
              ]}
              value={only}
              onChange={setOnly}
            />
          </div>
          <div className="flex flex-col items-start gap-1">
            <span className="text-sm font-medium">Order</span>
            <Segmented<Order>
              label="Order"
              choices={[
                { value: 'oldest', label: 'Oldest first' },
                { value: 'newest', label: 'Newest first' },
              ]}
              value={order}
              onChange={setOrder}
            />
          </div>
          <details className="border-t border-line pt-3 sm:col-span-2">
            <summary className="cursor-pointer rounded text-sm text-ink-2 hover:text-ink">Parameters of its runs</summary>
            <div className="pt-3">
              <SchemaForm label="Over those of the deployment" schema={schema} value={parameters} onChange={setParameters} />
            </div>
          </details>
          {problem !== null && (
            <div className="sm:col-span-2">
              <Failure error={problem} />
            </div>
          )}
        </div>
        <section aria-label="Day by day" className="self-start rounded-lg border border-line">
          <h3 className="border-b border-line px-3 py-2 text-sm font-semibold">Day by day</h3>
          <div className={`max-h-96 overflow-y-auto p-3 ${plan.isPlaceholderData ? 'opacity-60' : ''}`}>
            {plan.data === undefined ? (
              <p className="text-sm text-ink-3">What would run is shown here.</p>
            ) : (
              <Days
                days={backfillDays({ all: plan.data.all.dates, wanted: plan.data.wanted.dates, missing: plan.data.missing.dates }, zone)}
                isCut={plan.data.all.total > plan.data.all.dates.length}
              />
            )}
          </div>
        </section>
      </div>
    </Dialog>
  )
}

function Days({ days, isCut }: { readonly days: readonly BackfillDay[]; readonly isCut: boolean }): ReactElement {
  if (days.length === 0) return <p className="text-sm text-ink-2">No time of the schedule lies in this span.</p>
  return (
    <>
      <ol aria-label="Days" className="grid grid-cols-7 gap-1">
        {days.map(({ day, times, done, wanted }) => {
          const look =
            wanted > 0
              ? { color: 'var(--state-running-text)', background: 'color-mix(in oklch, var(--state-running) 20%, transparent)' }
              : done > 0
                ? { color: 'var(--state-completed-text)', background: 'color-mix(in oklch, var(--state-completed) 16%, transparent)' }
                : { color: 'var(--ink-3)', background: 'var(--sunken)' }
          const text = `${day}: ${plural(times, 'time')}, ${done} there, ${wanted} to run`
          return (
            <li key={day}>
              <span
                data-hint={text}
                tabIndex={0}
                role="img"
                aria-label={text}
                className="tabular flex h-10 flex-col items-center justify-center rounded text-2xs"
                style={look}
              >
                <span>{day.slice(5)}</span>
                <b className="leading-3">{wanted > 0 ? `+${wanted}` : done > 0 ? '✓' : '–'}</b>
              </span>
            </li>
          )
        })}
      </ol>
      <p className="mt-3 text-2xs text-ink-3">+ so many would run · ✓ there already · – left out</p>
      {isCut && <p className="mt-1 text-2xs text-ink-3">Only the first 1,000 times are shown.</p>}
    </>
  )
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** The moment at which a day begins in a zone. */
function startOfDay(day: string, zone: string): string {
  const utc = Date.parse(`${day}T00:00:00Z`)
  const first = utc - offsetAt(utc, zone)
  // The offset may be another one there.
  return new Date(utc - offsetAt(first, zone)).toISOString()
}

function offsetAt(at: number, zone: string): number {
  const shown = new Intl.DateTimeFormat('sv', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(at))
  return Date.parse(`${shown.replace(' ', 'T')}Z`) - at
}
