import { useNavigate } from '@tanstack/react-router'
import type { MouseEvent, ReactElement } from 'react'
import { duration, useTimeFormat } from '../format.ts'
import { colorOf, toneOf } from '../states.ts'

export interface StripRun {
  readonly id: string
  readonly name: string
  readonly state_type: string
  readonly state_name: string
  readonly expected_start_time: string
  readonly start_time: string | null
  readonly total_run_time: number
}

const HEIGHT_PX = 24
const LEAST_PX = 5

/** The last runs of something, oldest first: colour is the state, height the duration. Each leads to its run. */
export function RunStrip({ runs, max = 20 }: { readonly runs: readonly StripRun[]; readonly max?: number }): ReactElement {
  const format = useTimeFormat()
  const navigate = useNavigate()
  // One for all of them: tables have hundreds.
  const onClick = (event: MouseEvent<HTMLElement>): void => {
    const id = (event.target as Element).closest('a')?.dataset['run'] // of this page
    if (id === undefined || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    void navigate({ to: '/runs/$id', params: { id }, search: {} })
  }
  if (runs.length === 0) return <span className="text-ink-3">never ran</span>
  const shown = runs.slice(0, max).toReversed()
  const longest = Math.max(...shown.map((run) => run.total_run_time), 0.001)
  return (
    <span className="flex items-end" style={{ height: HEIGHT_PX }} onClick={onClick}>
      {shown.map((run) => {
        const tone = toneOf(run.state_type, run.state_name)
        const isBad = tone === 'failed' || tone === 'crashed'
        const text = `${run.state_name} · ${format.moment(run.start_time ?? run.expected_start_time)} · ${duration(run.total_run_time * 1_000)}`
        return (
          <a
            key={run.id}
            href={`runs/${run.id}`}
            data-run={run.id}
            data-hint={text}
            aria-label={`${run.name}: ${text}`}
            // Small as it is: the same runs are rows of the list that the flow leads to.
            data-equivalent="list of runs"
            className="group flex h-full items-end px-px"
          >
            <span
              className="block w-1.5 rounded-[1.5px] group-hover:opacity-70"
              style={{
                background: colorOf(tone),
                height: LEAST_PX + (HEIGHT_PX - LEAST_PX) * Math.sqrt(run.total_run_time / longest),
                // Told apart without colour too.
                ...(isBad ? { boxShadow: `inset 0 3px 0 var(--ink)` } : undefined),
              }}
            />
          </a>
        )
      })}
    </span>
  )
}
