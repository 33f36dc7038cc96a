import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { Button } from '../../../parts/button.tsx'
import { CopyButton } from '../../../parts/empty.tsx'
import { ToneIcon } from '../../../parts/state-badge.tsx'
import { Thrown } from '../../../parts/thrown.tsx'
import * as queries from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'
import type { TaskRunRow } from '../../../queries.ts'
import { colorOf, textColorOf, toneOf } from '../../../states.ts'
import { culprits } from './culprits.ts'

const SHOWN_MAX = 4

export interface TroubleProps {
  readonly run: FlowRun
  readonly tasks: readonly TaskRunRow[]
  readonly onSelect: (taskRunId: string) => void
}

/** Why a run failed or crashed, before anything else of it: what was said, where, and which task it was. */
export function Trouble({ run, tasks, onSelect }: TroubleProps): ReactElement {
  const { data } = useQuery(queries.runOutcome(run.id))
  const thrown = data?.error ?? null
  const tone = toneOf(run.state_type, run.state_name)
  const isCrashed = run.state_type === 'CRASHED'
  const message = run.state?.message ?? (isCrashed ? 'Its process went away.' : 'It failed, and said nothing.')
  const guilty = culprits(tasks, message)
  const command = `tutti flow-run ${isCrashed ? 'resume' : 'retry'} ${run.name}`
  return (
    <section
      aria-label={isCrashed ? 'What happened' : 'Error'}
      className="rounded-lg border bg-surface px-4 py-3"
      style={{ borderColor: `color-mix(in oklch, ${colorOf(tone)} 45%, transparent)` }}
    >
      <div className="flex items-start gap-3">
        <span className="mt-0.5" style={{ color: textColorOf(tone) }}>
          <ToneIcon tone={tone} size="size-4" />
        </span>
        <div className="min-w-0 flex-1">
          {thrown === null ? (
            <p tabIndex={0} className="max-h-40 overflow-y-auto rounded-sm text-sm wrap-anywhere whitespace-pre-wrap">
              {message}
            </p>
          ) : (
            <Thrown error={thrown} />
          )}
          <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1.5 text-sm">
            {guilty.length > 0 && (
              <span className="flex min-w-0 flex-wrap items-center gap-1.5">
                <span className="text-xs text-ink-3">{isCrashed ? 'While it ran' : 'Failed in'}</span>
                {guilty.slice(0, SHOWN_MAX).map(({ id, name }) => (
                  <Button key={id} size="small" onClick={() => onSelect(id)}>
                    <span className="max-w-56 truncate">{name}</span>
                  </Button>
                ))}
                {guilty.length > SHOWN_MAX && <span className="text-xs text-ink-3">and {guilty.length - SHOWN_MAX} more</span>}
              </span>
            )}
            {run.deployment_id === null && (
              <span className="flex min-w-0 items-center gap-1">
                <span className="shrink-0 text-xs text-ink-3">{isCrashed ? 'Go on with' : 'Try again with'}</span>
                <code className="min-w-0 overflow-x-auto rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-xs whitespace-nowrap">
                  {command}
                </code>
                <CopyButton text={command} label="Copy the command" />
              </span>
            )}
          </div>
        </div>
      </div>
    </section>
  )
}
