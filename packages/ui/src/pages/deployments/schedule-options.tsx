import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { Field, Input, Select } from '../../parts/field.tsx'
import * as queries from '../../queries.ts'
import type { DraftPartProps } from './schedule-draft.ts'

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

/** What becomes of its runs, beside their times. */
export function Options({ draft, errors, change }: DraftPartProps): ReactElement {
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
