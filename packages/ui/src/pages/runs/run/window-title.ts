import { useEffect } from 'react'
import { colorOf, toneOf } from '../../../states.ts'
import type { Tone } from '../../../states.ts'

/** The name of the browser's tab tells how the run stands, and its icon has the colour of that. */
export function useWindowTitle(name: string, stateType: string | null, stateName: string | null): void {
  const tone = toneOf(stateType, stateName)
  const word = stateName ?? stateType ?? ''
  useEffect(() => {
    document.title = `${SIGNS[tone]} ${word} · ${name} · Tutti`
    const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
    const before = link?.getAttribute('href')
    const [, variable = ''] = /var\((.+)\)/.exec(colorOf(tone)) ?? []
    const color = getComputedStyle(document.documentElement).getPropertyValue(variable).trim()
    link?.setAttribute('href', iconOf(color))
    return () => {
      if (before !== null && before !== undefined) link?.setAttribute('href', before)
    }
  }, [name, tone, word])
}

const SIGNS: Readonly<Record<Tone, string>> = {
  completed: '✓',
  cached: '✓',
  replayed: '✓',
  retried: '✓',
  failed: '✗',
  crashed: '✗',
  running: '▶',
  pending: '○',
  scheduled: '○',
  late: '!',
  retrying: '↻',
  paused: '❚❚',
  cancelled: '–',
}

function iconOf(color: string): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${color}"/></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
