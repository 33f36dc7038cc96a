import { useQuery } from '@tanstack/react-query'
import { ArrowDownToLine, ArrowUpToLine, Clock, Download, ScrollText, WrapText } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../../../address.ts'
import { number, plural } from '../../../format.ts'
import { Button, IconButton } from '../../../parts/button.tsx'
import { Empty } from '../../../parts/empty.tsx'
import { Failure, Loading } from '../../../parts/failure.tsx'
import { Select } from '../../../parts/field.tsx'
import { FindBar } from '../../../parts/log-view/find-bar.tsx'
import { LogView } from '../../../parts/log-view/log-view.tsx'
import type { LogSource } from '../../../parts/log-view/log-view.tsx'
import type { LogLine } from '../../../parts/log-view/log-window.ts'
import { Menu } from '../../../parts/menu.tsx'
import { LOG_TIMES, setPreferences, usePreferences } from '../../../preferences.ts'
import type { LogTimes } from '../../../preferences.ts'
import * as queries from '../../../queries.ts'
import type { FlowRun } from '../../../queries/values.ts'
import { isTerminal } from '../../../states.ts'
import { useRunLog } from './run-log.ts'
import { save } from '../../../parts/save.ts'

const LEVELS = [
  { value: '0', label: 'All levels' },
  { value: '20', label: 'Info and up' },
  { value: '30', label: 'Warnings and up' },
  { value: '40', label: 'Errors only' },
] as const

const TIME_NAMES: Readonly<Record<LogTimes, string>> = {
  time: 'Time of day',
  moment: 'Day and time',
  elapsed: 'Since the start of the run',
  none: 'No times',
}

export interface LogsTabProps {
  readonly run: FlowRun
  /** Only the lines of one task run. */
  readonly taskRunId: string | undefined
  readonly nameOf: (taskRunId: string) => string | undefined
  readonly onSelect: (taskRunId: string) => void
}

/** Text of a run as it was written, found, filtered, followed. */
export function LogsTab({ run, taskRunId, nameOf, onSelect }: LogsTabProps): ReactElement {
  const address = useAddress()
  const { logTimes, isLogWrapped } = usePreferences()
  const isLive = !isTerminal(run.state_type)
  const level = address.one('level') ?? '0'
  const text = address.one('find') ?? ''
  const target = address.one('line')
  const filter = { levelMin: level === '0' ? undefined : Number(level), taskRunId }
  const begin = run.state_type === 'COMPLETED' ? 'start' : 'end'
  const log = useRunLog(run.id, filter, { isLive, begin })
  const { toLine, toEnd } = log
  const [isFollowing, setFollowing] = useState(begin === 'end' && target === undefined)
  const found = useQuery(queries.findInLog(run.id, text, filter))
  const hits = found.data?.hits ?? []
  const at = hits.findIndex(({ id }) => id === target)

  const isHeld = log.window.lines.some(({ id }) => id === target)
  useEffect(() => {
    if (target !== undefined && !isHeld && !log.isLoading && log.error === undefined) toLine(target)
    // Only when another line is asked for: a line that is filtered away is not to be fetched for ever.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [target, toLine])

  const step = (by: 1 | -1): void => {
    if (hits.length === 0) return
    const next = hits[(at === -1 ? (by === 1 ? 0 : hits.length - 1) : at + by + hits.length) % hits.length]
    if (next === undefined) return
    setFollowing(false)
    address.set({ line: next.id })
  }
  const sourceOf = useCallback(
    (line: LogLine): LogSource | undefined => {
      const { task_run_id: id } = line
      if (id === null) return { label: '' }
      return { label: nameOf(id) ?? '', onOpen: () => onSelect(id) }
    },
    [nameOf, onSelect],
  )
  const follow = (): void => {
    setFollowing(true)
    address.set({ line: undefined })
    if (log.window.hasMoreAfter) toEnd()
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-1.5 border-b border-line px-2 py-1.5">
        <Select
          label="Lowest level"
          options={LEVELS}
          value={LEVELS.some(({ value }) => value === level) ? level : '0'}
          onChange={(value) => address.set({ level: value === '0' ? undefined : value, line: undefined })}
        />
        <FindBar
          text={text}
          onText={(next) => address.set({ find: next, line: undefined })}
          total={found.data?.total ?? 0}
          at={at === -1 ? undefined : at}
          hasMore={found.data?.hasMore === true}
          isLooking={found.isFetching}
          onStep={step}
        />
        <div className="flex items-center">
          <IconButton
            label={isLogWrapped ? 'Do not wrap long lines' : 'Wrap long lines'}
            icon={WrapText}
            size="small"
            aria-pressed={isLogWrapped}
            onClick={() => setPreferences({ isLogWrapped: !isLogWrapped })}
          />
          <Menu
            trigger={<IconButton label={`Times: ${TIME_NAMES[logTimes]}`} icon={Clock} size="small" />}
            items={LOG_TIMES.map((times) => ({
              label: TIME_NAMES[times],
              isChosen: times === logTimes,
              onSelect: () => setPreferences({ logTimes: times }),
            }))}
          />
          <IconButton
            label="To the first line"
            icon={ArrowUpToLine}
            size="small"
            onClick={() => {
              setFollowing(false)
              address.set({ line: undefined })
              log.toStart()
            }}
          />
          <IconButton
            label="To the last line, and follow"
            icon={ArrowDownToLine}
            size="small"
            aria-pressed={isFollowing}
            onClick={follow}
          />
          <IconButton
            label="Download the whole log"
            icon={Download}
            size="small"
            onClick={() => void save(() => queries.downloadLog(run.id), `${run.name}.log`)}
          />
        </div>
      </div>
      {log.error !== undefined && <Failure error={log.error} onRetry={toEnd} />}
      <div className="relative flex min-h-0 flex-1 flex-col">
        <LogView
          label={taskRunId === undefined ? `Log of ${run.name}` : `Log of ${nameOf(taskRunId) ?? 'the task run'}`}
          lines={log.window.lines}
          {...(taskRunId === undefined ? { sourceOf } : undefined)}
          searched={text}
          target={target}
          isWrapped={isLogWrapped}
          times={logTimes}
          since={run.start_time}
          isFollowing={isFollowing}
          onFollow={setFollowing}
          onEarlier={log.earlier}
          onLater={log.later}
          empty={
            log.isLoading ? (
              <Loading />
            ) : log.error !== undefined ? undefined : (
              <NoLines isLive={isLive} isFiltered={level !== '0' || taskRunId !== undefined} />
            )
          }
        />
        {isLive && !isFollowing && (
          <div className="absolute right-4 bottom-3">
            <Button size="small" icon={ArrowDownToLine} onClick={follow}>
              {log.newer === 0 ? 'Follow' : plural(log.newer, 'new line')}
            </Button>
          </div>
        )}
      </div>
      <p className="flex gap-3 border-t border-line px-3 py-1 text-2xs text-ink-3">
        <span className="tabular">
          {log.window.before === null && !log.window.hasMoreAfter
            ? plural(log.window.lines.length, 'line')
            : `${number(log.window.lines.length)} lines loaded, more come with scrolling`}
        </span>
        {isLive && isFollowing && <span>following</span>}
      </p>
    </div>
  )
}

function NoLines({ isLive, isFiltered }: { readonly isLive: boolean; readonly isFiltered: boolean }): ReactElement {
  if (isFiltered)
    return (
      <Empty icon={ScrollText} title="No line is left">
        Nothing was written at this level{isLive ? ' so far' : ''}. Choose “All levels” to see everything.
      </Empty>
    )
  return (
    <Empty
      icon={ScrollText}
      title={isLive ? 'Nothing is written yet' : 'This run has written nothing'}
      {...(isLive ? undefined : { command: "log.info('loaded', rows.length, 'rows')" })}
    >
      {isLive ? (
        'Lines appear here as the run writes them.'
      ) : (
        <>
          What a flow or task says with <code className="font-mono">log</code> is kept here.
        </>
      )}
    </Empty>
  )
}
