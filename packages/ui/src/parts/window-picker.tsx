import { CalendarClock } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useTimeFormat } from '../format.ts'
import { boundsOf } from '../time-window.ts'
import type { TimeWindow } from '../time-window.ts'
import { Button } from './button.tsx'
import { Field, Input } from './field.tsx'
import { Popover } from './popover.tsx'

const HOUR = 3_600_000

/** Lengths that are offered everywhere. */
export const WINDOWS: readonly { readonly label: string; readonly ms: number }[] = [
  { label: '1 h', ms: HOUR },
  { label: '24 h', ms: 24 * HOUR },
  { label: '7 d', ms: 7 * 24 * HOUR },
  { label: '30 d', ms: 30 * 24 * HOUR },
]

/** A few lengths in sight, and any two moments behind a button. */
export function WindowPicker({
  value,
  onChange,
}: {
  readonly value: TimeWindow
  readonly onChange: (window: TimeWindow) => void
}): ReactElement {
  const format = useTimeFormat()
  const isCustom = value.type === 'between' || !WINDOWS.some(({ ms }) => ms === value.ms)
  const [isOpen, setOpen] = useState(false)
  const look = (isOn: boolean): string =>
    `inline-flex h-6.5 items-center gap-1.5 rounded-sm px-2.5 text-xs font-medium ${isOn ? 'bg-surface text-ink shadow-sm' : 'text-ink-2 hover:text-ink'}`
  return (
    <div role="group" aria-label="Time" className="inline-flex max-w-full flex-wrap rounded-md border border-line bg-sunken p-0.5">
      {WINDOWS.map(({ label, ms }) => {
        const isOn = value.type === 'last' && value.ms === ms
        return (
          <button key={label} type="button" aria-pressed={isOn} className={look(isOn)} onClick={() => onChange({ type: 'last', ms })}>
            {label}
          </button>
        )
      })}
      <Popover
        label="From and to"
        isOpen={isOpen}
        onOpenChange={setOpen}
        trigger={
          <button type="button" aria-pressed={isCustom} className={look(isCustom)}>
            <CalendarClock aria-hidden className="size-3.5" />
            {isCustom ? <span className="tabular truncate">{textOfWindow(value, format.moment)}</span> : 'Custom'}
          </button>
        }
      >
        <BetweenForm
          value={value}
          onChange={(window) => {
            setOpen(false)
            onChange(window)
          }}
        />
      </Popover>
    </div>
  )
}

export function textOfWindow(window: TimeWindow, moment: (at: number) => string): string {
  if (window.type !== 'between') return `${window.type} ${lengthText(window.ms)}`
  if (window.from === undefined) return `until ${short(moment(window.to ?? 0))}`
  if (window.to === undefined) return `since ${short(moment(window.from))}`
  return `${short(moment(window.from))} – ${short(moment(window.to))}`
}

function short(moment: string): string {
  return moment.replace(/:00$/, '')
}

function lengthText(ms: number): string {
  const hours = ms / HOUR
  if (hours < 1) return `${Math.round(ms / 60_000)} min`
  return hours <= 48 ? `${hours} h` : `${hours / 24} days`
}

/** Two moments, in the zone of the browser, as its own control has them. */
export function BetweenForm({
  value,
  onChange,
}: {
  readonly value: TimeWindow | undefined
  readonly onChange: (window: TimeWindow) => void
}): ReactElement {
  const [bounds] = useState(() => (value === undefined ? undefined : boundsOf(value, Date.now())))
  const [from, setFrom] = useState(inputText(bounds?.from))
  const [to, setTo] = useState(inputText(bounds?.to))
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const isBackwards = start >= end
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onChange({ type: 'between', from: Number.isNaN(start) ? undefined : start, to: Number.isNaN(end) ? undefined : end })
      }}
    >
      <Field label="From">
        {(ids) => <Input {...ids} type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />}
      </Field>
      <Field label="To" error={isBackwards ? 'It ends before it begins.' : undefined} about="Left empty: up to now.">
        {(ids) => <Input {...ids} type="datetime-local" value={to} onChange={(event) => setTo(event.target.value)} />}
      </Field>
      <Button type="submit" look="primary" size="small" disabled={isBackwards || (from === '' && to === '')}>
        Show this time
      </Button>
    </form>
  )
}

function inputText(at: number | undefined): string {
  if (at === undefined) return ''
  const moment = new Date(at)
  return new Date(at - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
