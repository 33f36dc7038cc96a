import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FileBox, Radio } from 'lucide-react'
import type { ReactElement } from 'react'
import { duration, plural } from '../../../format.ts'
import { ArtifactContent } from '../../../parts/artifact-content.tsx'
import { Button } from '../../../parts/button.tsx'
import { Empty } from '../../../parts/empty.tsx'
import { Failure, Loading } from '../../../parts/failure.tsx'
import { StateBadge } from '../../../parts/state-badge.tsx'
import { Ago, Moment, useNow } from '../../../parts/time-text.tsx'
import * as queries from '../../../queries.ts'
import type { RunEvent } from '../../../queries.ts'
import { isTerminal } from '../../../states.ts'
import { actorWords, stepsOf } from './state-history.ts'
import type { ToldState } from './state-history.ts'

export function ArtifactsTab({ runId, taskRunId }: { readonly runId: string; readonly taskRunId?: string }): ReactElement {
  const { data, error, refetch } = useQuery(queries.runArtifacts(runId))
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const shown = data.filter(({ task_run_id: of }) => taskRunId === undefined || of === taskRunId)
  if (shown.length === 0)
    return (
      <Empty icon={FileBox} title="It has made no artifacts" command="await artifact.markdown({ key: 'report', text: '# Done' })">
        Tables, texts, links and progress that a run leaves for people are shown here.
      </Empty>
    )
  return (
    <ul className="flex min-h-0 flex-1 flex-col gap-3 overflow-auto p-3">
      {shown.map(({ id, key, type, description, data: content, created }) => (
        <li key={id} className="rounded-md border border-line">
          <div className="flex flex-wrap items-baseline justify-between gap-2 border-b border-line px-3 py-1.5">
            <Link
              to="/artifacts/$id"
              params={{ id }}
              search={{}}
              className="min-w-0 truncate text-sm font-medium text-accent-text hover:underline"
            >
              {key ?? type ?? 'artifact'}
            </Link>
            <span className="text-xs text-ink-3">
              {type} · <Ago at={created} />
            </span>
          </div>
          <div className="flex flex-col gap-2 p-3">
            {description !== null && description !== '' && <p className="text-sm text-ink-2">{description}</p>}
            <ArtifactContent type={type} data={content} label={key ?? 'artifact'} />
          </div>
        </li>
      ))}
    </ul>
  )
}

export function EventsTab({ runId }: { readonly runId: string }): ReactElement {
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(queries.runEvents(runId))
  if (error !== null) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const events = data.pages.flatMap((page) => page.events)
  if (events.length === 0)
    return (
      <Empty icon={Radio} title="Nothing has been told of this run">
        Every change of its state is an event, kept as long as the server keeps events.
      </Empty>
    )
  return (
    <div className="min-h-0 flex-1 overflow-auto">
      <ul>
        {events.map((event) => (
          <EventRow key={event.id} event={event} />
        ))}
      </ul>
      {hasNextPage && (
        <div className="p-3">
          <Button size="small" isBusy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show earlier ones
          </Button>
        </div>
      )}
    </div>
  )
}

function EventRow({ event: { event, occurred, resource, payload } }: { readonly event: RunEvent }): ReactElement {
  const isEmpty = Object.keys(payload).length === 0
  return (
    <li className="border-b border-line px-3 py-1.5 text-sm">
      <div className="flex items-baseline justify-between gap-3">
        <span className="min-w-0 font-mono text-xs break-words">{event}</span>
        <span className="shrink-0 text-xs text-ink-3">
          <Moment at={occurred} />
        </span>
      </div>
      <p className="text-xs text-ink-3">{resource['prefect.resource.name'] ?? resource['prefect.resource.id']}</p>
      {!isEmpty && (
        <details className="text-xs">
          <summary className="w-fit cursor-pointer rounded-sm text-ink-3 hover:text-ink">What it tells</summary>
          <pre className="mt-1 overflow-x-auto rounded-sm bg-sunken p-2 font-mono">{JSON.stringify(payload, null, 2)}</pre>
        </details>
      )}
    </li>
  )
}

/** Every state with what was said of it, how long it was so, and which attempt it belongs to. */
export function HistoryTab({
  states,
}: {
  readonly states: { readonly data: readonly ToldState[] | undefined; readonly error: unknown; readonly refetch: () => unknown }
}): ReactElement {
  const now = useNow()
  if (states.error !== null) return <Failure error={states.error} onRetry={() => void states.refetch()} />
  if (states.data === undefined) return <Loading />
  const steps = stepsOf(states.data)
  const attempts = steps.at(-1)?.attempt ?? 1
  return (
    <ol className="min-h-0 flex-1 overflow-auto px-3 py-2">
      {steps.map((step, at) => {
        const isNewAttempt = attempts > 1 && step.attempt !== steps[at - 1]?.attempt
        const tookMs = step.tookMs ?? (isTerminal(step.type) ? undefined : now - Date.parse(step.timestamp))
        return (
          <li key={step.id}>
            {isNewAttempt && (
              <p className="flex items-center gap-2 py-1 text-2xs text-ink-3">
                Attempt {step.attempt}
                <span aria-hidden className="h-px flex-1 bg-line" />
              </p>
            )}
            <div className="flex items-start gap-3 py-1">
              <div className="w-32 shrink-0 pt-0.5">
                <StateBadge type={step.type} name={step.name} />
              </div>
              <div className="min-w-0 flex-1 pt-0.5 text-sm">
                {step.message !== null && step.message !== '' && <p className="break-words whitespace-pre-wrap">{step.message}</p>}
                <p className="text-xs leading-5 text-ink-3">
                  <Moment at={step.timestamp} />
                  {tookMs !== undefined && <> · {step.isLast ? `for ${duration(tookMs)} so far` : `for ${duration(tookMs)}`}</>}
                  {step.tutti_actor !== undefined && <> · by {actorWords(step.tutti_actor)}</>}
                </p>
              </div>
            </div>
          </li>
        )
      })}
      {attempts > 1 && <li className="pt-1 text-xs text-ink-3">{plural(attempts, 'attempt')} in all</li>}
    </ol>
  )
}
