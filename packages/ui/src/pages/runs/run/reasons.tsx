import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleAlert, Info, Play } from 'lucide-react'
import type { ReactElement } from 'react'
import { plural } from '../../../format.ts'
import { Button } from '../../../parts/button.tsx'
import { CopyButton } from '../../../parts/empty.tsx'
import { Failure } from '../../../parts/failure.tsx'
import { Ago } from '../../../parts/time-text.tsx'
import { tell } from '../../../parts/toasts.tsx'
import * as queries from '../../../queries.ts'

const HELD_BY_SHOWN = 3

const TITLES: Readonly<Record<string, string>> = { CANCELLING: 'It is being cancelled', RUNNING: 'Some of its tasks wait' }

/** What only waits for its time can be started before. */
const STARTED_BY_HAND: ReadonlySet<string> = new Set(['scheduled-for-later', 'awaiting-retry'])

/** Why a run is not running, what holds it up first, each with what to do about it. */
export function Reasons({ runId, stateType }: { readonly runId: string; readonly stateType: string }): ReactElement | null {
  const { data, error, refetch } = useQuery(queries.runExplanation(runId))
  const cache = useQueryClient()
  const startNow = useMutation({
    mutationFn: () => queries.startRunNow(runId),
    onSuccess: () => tell({ tone: 'info', text: 'It is due now.' }),
    onSettled: () => cache.invalidateQueries({ queryKey: ['flow-run', runId] }),
  })
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined) return null
  // Of a run that runs only what some of its tasks wait for is worth a word.
  const reasons = data.reasons.filter(({ code }) => code !== 'running')
  if (reasons.length === 0) return null
  const title = TITLES[stateType] ?? 'Why is it not running?'
  return (
    <section aria-label={title} className="rounded-lg border border-line bg-surface">
      <h2 className="border-b border-line px-4 py-2 text-sm font-semibold">{title}</h2>
      <ul>
        {reasons.map((reason) => (
          <li key={`${reason.code} ${reason.message}`} className="flex items-start gap-3 border-line px-4 py-2.5 not-first:border-t">
            {reason.blocks ? (
              <CircleAlert aria-label="Holds it up" className="mt-0.5 size-4 shrink-0 text-(--state-late-text)" />
            ) : (
              <Info aria-label="For information" className="mt-0.5 size-4 shrink-0 text-ink-3" />
            )}
            <div className="min-w-0 flex-1">
              <p className="text-sm break-words">{reason.message}</p>
              {reason.held_by.length > 0 && (
                <p className="mt-0.5 text-xs text-ink-2">
                  Held by{' '}
                  {reason.held_by.slice(0, HELD_BY_SHOWN).map((holder, at) => (
                    <span key={holder.flow_run_id}>
                      {at > 0 && ', '}
                      <Link to="/runs/$id" params={{ id: holder.flow_run_id }} search={{}} className="text-accent-text hover:underline">
                        {holder.name}
                      </Link>{' '}
                      (<Ago at={holder.since} />)
                    </span>
                  ))}
                  {reason.held_by.length > HELD_BY_SHOWN && ` and ${plural(reason.held_by.length - HELD_BY_SHOWN, 'other')}`}
                </p>
              )}
              <div className="mt-1.5 flex max-w-full min-w-0 items-center gap-2">
                {STARTED_BY_HAND.has(reason.code) ? (
                  <Button size="small" icon={Play} isBusy={startNow.isPending} onClick={() => startNow.mutate()}>
                    Start now
                  </Button>
                ) : (
                  <>
                    <span className="shrink-0 text-xs text-ink-3">{reason.action.type === 'command' ? 'Type' : 'Ask the API'}</span>
                    <code className="min-w-0 overflow-x-auto rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-xs whitespace-nowrap">
                      {reason.action.text}
                    </code>
                    <CopyButton text={reason.action.text} label="Copy the command" />
                  </>
                )}
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
