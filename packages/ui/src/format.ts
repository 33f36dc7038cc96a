import { usePreferences } from './preferences.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `840 ms`, `3.4 s`, `2m 05s`, `1h 12m`, `3d 4h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  const abs = Math.max(0, ms)
  if (abs < 1) return '0 ms'
  if (abs < SECOND) return `${Math.round(abs)} ms`
  if (abs < 10 * SECOND) return `${(abs / SECOND).toFixed(1)} s`
  if (abs < MINUTE) return `${Math.floor(abs / SECOND)} s`
  if (abs < HOUR) return `${Math.floor(abs / MINUTE)}m ${pad(Math.floor((abs % MINUTE) / SECOND))}s`
  if (abs < DAY) return `${Math.floor(abs / HOUR)}h ${pad(Math.floor((abs % HOUR) / MINUTE))}m`
  return `${Math.floor(abs / DAY)}d ${Math.floor((abs % DAY) / HOUR)}h`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}

/** `just now`, `12 s ago`, `in 3 min`, `2 days ago`. */
export function relative(at: number, now: number): string {
  const delta = at - now
  const abs = Math.abs(delta)
  const text =
    abs < 5 * SECOND
      ? undefined
      : abs < MINUTE
        ? `${Math.round(abs / SECOND)} s`
        : abs < HOUR
          ? `${Math.round(abs / MINUTE)} min`
          : abs < DAY
            ? `${Math.round(abs / HOUR)} h`
            : plural(Math.round(abs / DAY), 'day')
  if (text === undefined) return delta > SECOND ? 'in a moment' : 'just now'
  return delta > 0 ? `in ${text}` : `${text} ago`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`
}

const numbers = new Intl.NumberFormat('en')
const shortNumbers = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export function number(value: number): string {
  return numbers.format(value)
}

/** `950`, `12.4K`, `3M`. */
export function shortNumber(value: number): string {
  return value < 10_000 ? numbers.format(value) : shortNumbers.format(value)
}

export function percent(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %'
  return `${share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`
}

/** Of 1,024. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let left = value
  let unit = 0
  while (left >= 1024 && unit < units.length - 1) {
    left /= 1024
    unit += 1
  }
  return `${left < 10 && unit > 0 ? left.toFixed(1) : Math.round(left)} ${units[unit]}`
}

/** How moments are written in one zone. */
export interface TimeFormat {
  /** IANA name, or `undefined` for that of the browser. */
  readonly zone: string | undefined
  /** `Nov 28, 14:03:09`. */
  moment(at: number | string | Date): string
  /** `2026-11-28 14:03:09.120 GMT+1`. */
  exact(at: number | string | Date): string
  /** `14:03:09`. */
  time(at: number | string | Date): string
  /** `14:03:09.120`. */
  fineTime(at: number | string | Date): string
  /** `Sat, Nov 28`. */
  day(at: number | string | Date): string
}

function timeFormat(preferred: string): TimeFormat {
  const zone = preferred === 'local' ? undefined : preferred
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
  const moment = format('en', { month: 'short', day: 'numeric', ...clock })
  const withYear = format('en', { year: 'numeric', month: 'short', day: 'numeric', ...clock })
  const time = format('en', clock)
  const fineTime = format('en', { ...clock, fractionalSecondDigits: 3 })
  const day = format('en', { weekday: 'short', month: 'short', day: 'numeric' })
  const date = format('sv', { year: 'numeric', month: '2-digit', day: '2-digit' })
  const zoneName = format('en', { timeZoneName: 'short' })
  const thisYear = new Date().getFullYear()
  return {
    zone,
    moment: (at) => (new Date(at).getFullYear() === thisYear ? moment : withYear)().format(new Date(at)),
    exact: (at) => `${date().format(new Date(at))} ${fineTime().format(new Date(at))} ${nameOfZone(zoneName(), new Date(at))}`,
    time: (at) => time().format(new Date(at)),
    fineTime: (at) => fineTime().format(new Date(at)),
    day: (at) => day().format(new Date(at)),
  }

  /** To make one takes a browser as long as to write a hundred moments with it. */
  function format(language: string, options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
    let made: Intl.DateTimeFormat | undefined
    return () => (made ??= new Intl.DateTimeFormat(language, zone === undefined ? options : { ...options, timeZone: zone }))
  }
}

function nameOfZone(format: Intl.DateTimeFormat, at: Date): string {
  return format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

/** By the zone: one for all who write moments in it. */
const timeFormats = new Map<string, TimeFormat>()

/** Moments in the zone that was chosen. */
export function useTimeFormat(): TimeFormat {
  const { zone } = usePreferences()
  const known = timeFormats.get(zone) ?? timeFormat(zone)
  timeFormats.set(zone, known)
  return known
}
