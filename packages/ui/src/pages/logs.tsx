import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Logs } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../address.ts'
import type { AddressReader } from '../address.ts'
import type { Ahead } from '../ahead.ts'
import { plural } from '../format.ts'
import { Button } from '../parts/button.tsx'
import { Empty } from '../parts/empty.tsx'
import { Failure, Loading } from '../parts/failure.tsx'
import { SearchInput, Select, Switch } from '../parts/field.tsx'
import { LogView } from '../parts/log-view/log-view.tsx'
import type { LogLine } from '../parts/log-view/log-window.ts'
import { Page } from '../parts/page.tsx'
import { usePreferences } from '../preferences.ts'
import * as queries from '../queries.ts'
import { FEED_WINDOWS, feedWindow, USUAL_WINDOW } from '../time-window.ts'
import { useFreshLines } from './logs/fresh-lines.ts'
import { linesInOrder } from './logs/lines.ts'

const LEVELS = [
  { value: 'all', label: 'All levels' },
  { value: '20', label: 'Info and above' },
  { value: '30', label: 'Warnings and above' },
  { value: '40', label: 'Errors' },
]
const ALL = 'all'

export function askAhead({ address, ask, askPages }: Ahead): void {
  void askPages(queries.searchedLogs(searchOf(address)))
  void ask(queries.logPlaces())
}

function searchOf({ one }: AddressReader): queries.LogSearch {
  return {
    text: one('q') ?? '',
    level: one('level') ?? '',
    flowId: one('flow'),
    deploymentId: one('deployment'),
    windowMs: feedWindow(one('window')).ms,
  }
}

export function LogsPage(): ReactElement {
  const address = useAddress()
  const navigate = useNavigate()
  const [isFollowing, setFollowing] = useState(true)
  const { isLogWrapped } = usePreferences()
  const search = searchOf(address)
  const { text, level, flowId, deploymentId } = search
  const windowIs = feedWindow(address.one('window'))
  const { data, error, isPending, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(queries.searchedLogs(search))
  const { data: places } = useQuery(queries.logPlaces())
  const fresh = useFreshLines(search, data, isFollowing)
  const pages = useMemo(() => [{ lines: fresh }, ...(data?.pages ?? [])], [fresh, data])
  const lines = useMemo(() => linesInOrder(pages), [pages])
  const runs = useMemo(() => new Map(pages.flatMap((page) => page.lines.map((line) => [line.id, line] as const))), [pages])
  const sourceOf = useCallback(
    (line: LogLine) => {
      const { flow_run: run, flow_run_id: id } = runs.get(line.id) ?? {}
      if (id === null || id === undefined) return undefined
      return {
        label: run ? `${run.name} · ${run.flow_name}` : 'a run that is deleted',
        onOpen: () => void navigate({ to: '/runs/$id', params: { id }, search: { tab: 'logs', line: line.id } }),
      }
    },
    [runs, navigate],
  )
  const looked = data?.pages.reduce((sum, page) => sum + page.looked, 0) ?? 0
  const isFiltered = text !== '' || level !== '' || flowId !== undefined || deploymentId !== undefined
  return (
    <Page title="Logs" about="Lines of all runs; each leads to its run." isFilling>
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Find in all logs" value={text} onChange={(q) => address.set({ q })} shortcut />
        <Select
          label="Level"
          options={LEVELS}
          value={level === '' ? ALL : level}
          onChange={(next) => address.set({ level: next === ALL ? undefined : next })}
        />
        <Select
          label="Flow"
          options={[{ value: ALL, label: 'All flows' }, ...(places?.flows ?? []).map(({ id, name }) => ({ value: id, label: name }))]}
          value={flowId ?? ALL}
          onChange={(next) => address.set({ flow: next === ALL ? undefined : next, deployment: undefined })}
        />
        <Select
          label="Deployment"
          options={[
            { value: ALL, label: 'All deployments' },
            ...(places?.deployments ?? [])
              .filter((each) => flowId === undefined || each.flow_id === flowId)
              .map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={deploymentId ?? ALL}
          onChange={(next) => address.set({ deployment: next === ALL ? undefined : next })}
        />
        <Select
          label="Time"
          options={FEED_WINDOWS.map(({ id, label }) => ({ value: id, label }))}
          value={windowIs.id}
          onChange={(next) => address.set({ window: next === USUAL_WINDOW ? undefined : next })}
        />
        <label htmlFor="follow" className="flex items-center gap-2 text-sm text-ink-2">
          <Switch id="follow" label="Follow" isOn={isFollowing} onChange={setFollowing} />
          Follow
        </label>
      </div>
      {error !== null && data === undefined ? (
        <Failure error={error} onRetry={() => void refetch()} />
      ) : (
        <div className="flex min-h-80 flex-1 flex-col overflow-hidden rounded-lg border border-line bg-surface">
          <LogView
            label="Lines of all runs"
            lines={lines}
            sourceOf={sourceOf}
            searched={text}
            isWrapped={isLogWrapped}
            times="moment"
            isFollowing={isFollowing}
            onFollow={setFollowing}
            onEarlier={hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : undefined}
            empty={
              isPending ? (
                <Loading />
              ) : (
                <Empty
                  icon={Logs}
                  title={isFiltered ? 'No line is like this' : `No run wrote a line in the ${windowIs.label.toLowerCase()}`}
                  {...(isFiltered ? undefined : { command: "log.info('loaded', rows.length, 'rows')" })}
                  action={
                    isFiltered ? (
                      <Button onClick={() => address.set({ q: undefined, level: undefined, flow: undefined, deployment: undefined })}>
                        Show all lines
                      </Button>
                    ) : undefined
                  }
                >
                  {looked > 0
                    ? `${plural(looked, 'line')} were looked at.`
                    : 'What flows and tasks say with log stands here. A wider time may have some.'}
                </Empty>
              )
            }
          />
          <p className="flex flex-wrap justify-between gap-2 border-t border-line px-3 py-1 text-xs text-ink-3">
            <span className="tabular">
              {plural(lines.length, 'line')}
              {text === '' ? '' : ` of ${plural(looked, 'line')} looked at`}
              {hasNextPage ? '; older ones come as you scroll up' : ''}
            </span>
            {isFetchingNextPage && <span role="status">Loading older lines</span>}
            {hasNextPage && text !== '' && !isFetchingNextPage && (
              <button type="button" className="text-accent-text hover:underline" onClick={() => void fetchNextPage()}>
                Look further back
              </button>
            )}
            {lines.length > 0 && !isFollowing && (
              <button type="button" className="text-accent-text hover:underline" onClick={() => void refetch()}>
                Look again
              </button>
            )}
          </p>
        </div>
      )}
    </Page>
  )
}
