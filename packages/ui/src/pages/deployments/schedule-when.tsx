import type { ReactElement } from 'react'
import { Button } from '../../parts/button.tsx'
import { Field, Input, Select } from '../../parts/field.tsx'
import { INTERVAL_UNITS } from './schedule-draft.ts'
import type { DraftPartProps, IntervalUnit } from './schedule-draft.ts'
import { cronFields } from './schedule-words.ts'

/** The times of a schedule: an expression, an interval or a rule. */
export function When({ draft, errors, change }: DraftPartProps): ReactElement {
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
