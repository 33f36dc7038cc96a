import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { useDeferredValue, useId, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { isZone } from '../../preferences.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Failure } from '../../parts/failure.tsx'
import { Field, Input } from '../../parts/field.tsx'
import { SchemaForm, validateAgainst } from '../../parts/schema-form/index.ts'
import { Segmented } from '../../parts/segmented.tsx'
import * as queries from '../../queries.ts'
import { schemaOf } from './deployment-schema.ts'
import { draftOf, meaningOf, newDraft } from './schedule-draft.ts'
import type { DraftPartProps } from './schedule-draft.ts'
import { Options } from './schedule-options.tsx'
import { SchedulePreview, TIMES } from './schedule-preview.tsx'
import { When } from './schedule-when.tsx'
import { scheduleWords } from './schedule-words.ts'

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
  const change: DraftPartProps['change'] = (changed) => setDraft((before) => ({ ...before, ...changed }))
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
