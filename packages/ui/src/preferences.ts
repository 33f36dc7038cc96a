import { useSyncExternalStore } from 'react'

/** How the moments of log lines are written. */
export type LogTimes = 'time' | 'moment' | 'elapsed' | 'none'

export const LOG_TIMES: readonly LogTimes[] = ['time', 'moment', 'elapsed', 'none']

/** What a person has chosen for this browser. */
export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark'
  readonly density: 'comfortable' | 'compact'
  /** `local`, `UTC`, or a zone by its IANA name. */
  readonly zone: string
  readonly isSidebarNarrow: boolean
  /** Which columns a table shows, by the name of the table, where that was changed. */
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly logTimes: LogTimes
  readonly isLogWrapped: boolean
  /** Share of the width that the views of a run take beside its logs. */
  readonly runSplit: number
}

const KEY = 'tutti.preferences'
const DEFAULTS: Preferences = {
  theme: 'system',
  density: 'comfortable',
  zone: 'local',
  isSidebarNarrow: false,
  logTimes: 'time',
  isLogWrapped: true,
  runSplit: 0.5,
  columns: {},
}

const listeners = new Set<() => void>()
let current = read()

function read(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences> // written below, checked here
    return {
      theme: stored.theme === 'light' || stored.theme === 'dark' ? stored.theme : DEFAULTS.theme,
      density: stored.density === 'compact' ? 'compact' : DEFAULTS.density,
      zone: typeof stored.zone === 'string' && isZone(stored.zone) ? stored.zone : DEFAULTS.zone,
      isSidebarNarrow: stored.isSidebarNarrow === true,
      columns: columnsOf(stored.columns),
      logTimes: LOG_TIMES.find((each) => each === stored.logTimes) ?? DEFAULTS.logTimes,
      isLogWrapped: stored.isLogWrapped !== false,
      runSplit: typeof stored.runSplit === 'number' && stored.runSplit > 0 && stored.runSplit < 1 ? stored.runSplit : DEFAULTS.runSplit,
    }
  } catch {
    return DEFAULTS
  }
}

function columnsOf(stored: unknown): Preferences['columns'] {
  if (typeof stored !== 'object' || stored === null) return DEFAULTS.columns
  return Object.fromEntries(Object.entries(stored).filter(([, ids]) => Array.isArray(ids) && ids.every((id) => typeof id === 'string')))
}

export function isZone(zone: string): boolean {
  if (zone === 'local') return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone }).format()
    return true
  } catch {
    return false
  }
}

function show({ theme, density }: Preferences): void {
  const isDark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.classList.toggle('dark', isDark)
  document.documentElement.dataset['density'] = density
}

export function setPreferences(changed: Partial<Preferences>): void {
  current = { ...current, ...changed }
  try {
    localStorage.setItem(KEY, JSON.stringify(current))
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
  show(current)
  for (const listener of listeners) listener()
}

/** Follows the system, and other windows of this browser. */
export function watchPreferences(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => show(current))
  addEventListener('storage', ({ key }) => {
    if (key !== KEY) return
    current = read()
    show(current)
    for (const listener of listeners) listener()
  })
  show(current)
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
