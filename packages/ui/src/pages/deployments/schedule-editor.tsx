import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { useDeferredValue, useId, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { isZone } from '../../preferences.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Field, Input, Select } from '../../parts/field.tsx'
import { SchemaForm, validateAgainst } from '../../parts/schema-form/index.ts'
import { Segmented } from '../../parts/segmented.tsx'
import * as queries from '../../queries.ts'
import { schemaOf } from './deployment-schema.ts'
import { draftOf, INTERVAL_UNITS, meaningOf, newDraft } from './schedule-draft.ts'
import type { IntervalUnit, ScheduleDraft } from './schedule-draft.ts'
import { SchedulePreview, TIMES } from './schedule-preview.tsx'
import { cronFields, scheduleWords } from './schedule-words.ts'

type Change = (changed: Partial<ScheduleDraft>) => void
type Errors = Partial<Readonly<Record<keyof ScheduleDraft, string>>>

/** A schedule, and beside it what it will do. */
export function ScheduleEditor({
  deployment,
  schedule,
  onClose,
}: {
  readonly deployment: queries.Deployment
  /** `undefined`: a new one. */
  readonly schedule: queries.DeploymentSchedule | undefined
  readonly onClose: () => void
}): ReactElement {
  const cache = useQueryClient()
  const [draft, setDraft] = useState(() =>
    schedule === undefined ? newDraft(Intl.DateTimeFormat().resolvedOptions().timeZone) : draftOf(schedule),
  )
  const change: Change = (changed) => setDraft((before) => ({ ...before, ...changed }))
  const { schedule: meant, options, errors } = useMemo(() => meaningOf(draft, isZone), [draft])
  const schema = useMemo(() => ({ ...schemaOf(deployment), required: [] }), [deployment])
  const previewed = useDeferredValue(meant)
  // The server knows best what is no schedule.
  const preview = useQuery(queries.schedulePreview(previewed, options, TIMES))
  const isRefused = preview.isError && previewed === meant
  const wrongParameters = Object.keys(validateAgainst(schema, draft.parameters)).length
  const save = useMutation({
    meta: { isShown: true },
    mutationFn: async () => {
      const body: queries.ScheduleBody = {
        schedule: meant!, // the button is off without one
        options,
        parameters: draft.parameters as Record<string, unknown>, // it fits the schema
        slug: draft.slug.trim() === '' ? null : draft.slug.trim(),
      }
      if (schedule === undefined) await queries.addSchedule(deployment.id, { ...body, active: true })
      else await queries.updateSchedule(deployment.id, schedule.id, body)
    },
    onSuccess: onClose,
    onSettled: () => cache.invalidateQueries({ queryKey: ['deployments'] }),
  })
  return (
    <Dialog
      title={schedule === undefined ? 'New schedule' : 'Edit the schedule'}
      about={meant === undefined ? 'Not a schedule yet.' : sentence(meant, draft.timezone)}
      isOpen
      isWide
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            icon={Check}
            isBusy={save.isPending}
            disabled={meant === undefined || wrongParameters > 0 || isRefused}
            onClick={() => save.mutate()}
          >
            {schedule === undefined ? 'Add the schedule' : 'Save'}
          </Button>
        </>
      }
    >
      <div className="grid gap-5 md:grid-cols-[minmax(0,1fr)_19rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <div>
            <Segmented
              label="Kind of schedule"
              choices={[
                { value: 'cron', label: 'Cron' },
                { value: 'interval', label: 'Interval' },
                { value: 'rrule', label: 'Rule (RRULE)' },
              ]}
              value={draft.kind}
              onChange={(kind) => change({ kind })}
            />
          </div>
          <When draft={draft} errors={errors} change={change} />
          <ZoneField value={draft.timezone} error={errors.timezone} onChange={(timezone) => change({ timezone })} />
          <Options draft={draft} errors={errors} change={change} />
          <details className="border-t border-line pt-3" open={Object.keys(draft.parameters ?? {}).length > 0}>
            <summary className="cursor-pointer rounded text-sm text-ink-2 hover:text-ink">Parameters of its runs</summary>
            <div className="pt-3">
              <SchemaForm
                label="Over those of the deployment"
                schema={schema}
                value={draft.parameters}
                onChange={(parameters) => change({ parameters })}
              />
            </div>
          </details>
          {save.isError && <Failure error={save.error} />}
        </div>
        <section aria-label="What it will do" className="min-w-0 self-start rounded-lg border border-line">
          <h3 className="border-b border-line px-3 py-2 text-sm font-semibold">Next runs</h3>
          <div className="max-h-112 overflow-y-auto">
            <SchedulePreview schedule={previewed} options={options} />
          </div>
        </section>
      </div>
    </Dialog>
  )
}

function sentence(schedule: NonNullable<queries.ScheduleBody['schedule']>, timezone: string): string {
  const words = scheduleWords(schedule as queries.Schedule) // the words need no more than was typed
  return `Runs ${words}, ${timezone} time.`
}

function When({
  draft,
  errors,
  change,
}: {
  readonly draft: ScheduleDraft
  readonly errors: Errors
  readonly change: Change
}): ReactElement {
  switch (draft.kind) {
    case 'cron':
      return (
        <div className="flex flex-col gap-2">
          <Field label="Expression" error={errors.cron}>
            {(ids) => (
              <input
                {...ids}
                spellCheck={false}
                autoComplete="off"
                value={draft.cron}
                onChange={(event) => change({ cron: event.target.value })}
                className="h-9 w-full rounded-md border border-line-strong bg-surface px-2.5 font-mono text-base aria-invalid:border-danger"
              />
            )}
          </Field>
          <dl className="grid grid-cols-5 gap-1 text-center">
            {cronFields(draft.cron).map(({ name, text, allowed }) => (
              <div key={name} className="min-w-0 rounded bg-sunken px-1 py-1">
                <dd className="truncate font-mono text-sm">{text === '' ? '·' : text}</dd>
                <dt className="text-2xs leading-3.5 text-ink-3">
                  {name}
                  <span className="block">{allowed}</span>
                </dt>
              </div>
            ))}
          </dl>
          <div className="flex flex-wrap gap-1">
            {EXAMPLES.map(([label, cron]) => (
              <Button key={cron} size="small" look="quiet" onClick={() => change({ cron })}>
                {label}
              </Button>
            ))}
          </div>
        </div>
      )
    case 'interval':
      return (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Every" error={errors.every}>
            {(ids) => (
              <div className="flex gap-2">
                <Input {...ids} inputMode="decimal" value={draft.every} onChange={(event) => change({ every: event.target.value })} />
                <Select
                  label="Unit"
                  options={Object.keys(INTERVAL_UNITS).map((unit) => ({ value: unit, label: unit }))}
                  value={draft.unit}
                  onChange={(unit) => change({ unit: unit as IntervalUnit })} // one of the options
                />
              </div>
            )}
          </Field>
          <Field label="Counted from" error={errors.anchor} about="A moment such as 2026-01-01T06:00:00Z; left empty, from now.">
            {(ids) => (
              <Input {...ids} value={draft.anchor} autoComplete="off" onChange={(event) => change({ anchor: event.target.value })} />
            )}
          </Field>
        </div>
      )
    case 'rrule':
      return (
        <Field label="Rule" error={errors.rrule} about="As calendars write it (RFC 5545), with a DTSTART line or without.">
          {(ids) => (
            <textarea
              {...ids}
              rows={3}
              spellCheck={false}
              value={draft.rrule}
              onChange={(event) => change({ rrule: event.target.value })}
              className="w-full rounded-md border border-line-strong bg-surface px-2.5 py-1.5 font-mono text-xs aria-invalid:border-danger"
            />
          )}
        </Field>
      )
    default:
      return draft.kind satisfies never
  }
}

const EXAMPLES = [
  ['hourly', '0 * * * *'],
  ['every 15 min', '*/15 * * * *'],
  ['daily', '0 6 * * *'],
  ['weekdays', '0 6 * * 1-5'],
  ['Mondays', '0 6 * * 1'],
  ['monthly', '0 6 1 * *'],
] as const

function ZoneField({
  value,
  error,
  onChange,
}: {
  readonly value: string
  readonly error: string | undefined
  readonly onChange: (zone: string) => void
}): ReactElement {
  const listId = useId()
  const zones = useMemo(() => ['UTC', ...Intl.supportedValuesOf('timeZone')], [])
  return (
    <Field label="Time zone" error={error} about="Its clocks say when: also over changes to and from daylight-saving time.">
      {(ids) => (
        <>
          <Input
            {...ids}
            list={listId}
            autoComplete="off"
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id={listId}>
            {zones.map((zone) => (
              <option key={zone} value={zone}>
                {zone}
              </option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  )
}

const OVERLAPS = [
  { value: 'allow', label: 'run both' },
  { value: 'skip', label: 'skip the new one' },
  { value: 'queue', label: 'let it wait' },
  { value: 'cancel_running', label: 'cancel the earlier one' },
] as const
const CATCH_UPS = [
  { value: 'latest', label: 'the latest runs' },
  { value: 'all', label: 'all of them run' },
  { value: 'none', label: 'none runs' },
] as const
const RULES = [
  { value: 'skip', label: 'leave it out' },
  { value: 'roll_forward', label: 'the next working day' },
  { value: 'roll_back', label: 'the working day before' },
] as const

/** The value of an option: what a list answers is one of its own. */
function oneOf<Value extends string>(options: readonly { readonly value: Value }[], text: string): Value | undefined {
  return options.find(({ value }) => value === text)?.value
}

function Options({
  draft,
  errors,
  change,
}: {
  readonly draft: ScheduleDraft
  readonly errors: Errors
  readonly change: Change
}): ReactElement {
  const { data: calendars = [] } = useQuery(queries.calendars())
  return (
    <div className="grid gap-x-4 gap-y-3 border-t border-line pt-4 sm:grid-cols-2">
      <Field label="When an earlier run has not ended">
        {({ id }) => (
          <Select
            id={id}
            label="Overlap"
            options={OVERLAPS}
            value={draft.overlap}
            onChange={(next) => change({ overlap: oneOf(OVERLAPS, next) ?? 'allow' })}
          />
        )}
      </Field>
      <Field label="Times missed while no server ran">
        {({ id }) => (
          <Select
            id={id}
            label="Catch-up"
            options={CATCH_UPS}
            value={draft.catchUp}
            onChange={(next) => change({ catchUp: oneOf(CATCH_UPS, next) ?? 'latest' })}
          />
        )}
      </Field>
      <Field label="Jitter" error={errors.jitter} about="Starts up to so much later: 90s, 5m.">
        {(ids) => <Input {...ids} autoComplete="off" value={draft.jitter} onChange={(event) => change({ jitter: event.target.value })} />}
      </Field>
      <Field label="Expires after" error={errors.expiresAfter} about="What has not begun by then is skipped: 30m, 1d.">
        {(ids) => (
          <Input
            {...ids}
            autoComplete="off"
            value={draft.expiresAfter}
            onChange={(event) => change({ expiresAfter: event.target.value })}
          />
        )}
      </Field>
      <Field label="Calendar" about={calendars.length === 0 ? 'There is none yet: tutti calendar --help.' : 'Its days off are left out.'}>
        {({ id }) => (
          <Select
            id={id}
            label="Calendar"
            options={[{ value: '-', label: 'none' }, ...calendars.map(({ name }) => ({ value: name, label: name }))]}
            value={draft.calendar === '' ? '-' : draft.calendar}
            onChange={(next) => change({ calendar: next === '-' ? '' : next })}
          />
        )}
      </Field>
      {draft.calendar !== '' && (
        <Field label="A run on a day off">
          {({ id }) => (
            <Select
              id={id}
              label="Rule"
              options={RULES}
              value={draft.rule}
              onChange={(next) => change({ rule: oneOf(RULES, next) ?? 'skip' })}
            />
          )}
        </Field>
      )}
      <Field label="Name" about="Runs and commands name it so.">
        {(ids) => <Input {...ids} autoComplete="off" value={draft.slug} onChange={(event) => change({ slug: event.target.value })} />}
      </Field>
    </div>
  )
}
