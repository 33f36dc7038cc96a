import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { TrendingDown, TrendingUp } from 'lucide-react'
import type { ReactElement } from 'react'
import type { Ahead } from '../../ahead.ts'
import { messageOf } from '../../errors.ts'
import { number, percent } from '../../format.ts'
import { compared, comparedShare, successRate, totalsOf } from '../../parts/run-bars/bars.ts'
import type { Comparison } from '../../parts/run-bars/bars.ts'
import { ToneIcon } from '../../parts/state-badge.tsx'
import * as queries from '../../queries.ts'
import { ALL_RUNS, runsAddress } from '../../run-filter.ts'
import type { RunFilter } from '../../run-filter.ts'
import { textColorOf } from '../../states.ts'
import type { Tone } from '../../states.ts'
import { windowBefore } from '../../time-window.ts'
import type { BarsWindow } from '../../time-window.ts'

const RUNNING: RunFilter = { ...ALL_RUNS, states: ['RUNNING'] }
const LATE: RunFilter = { ...ALL_RUNS, states: ['Late'] }

/** Of the time just before, as one bar. */
function historyBefore(window: BarsWindow) {
  const before = windowBefore(window)
  return queries.flowRunHistory({ ...before, stepMs: before.to - before.from })
}

export function askNumbers({ ask }: Ahead, window: BarsWindow): void {
  void ask(queries.flowRunHistory(window))
  void ask(historyBefore(window))
  void ask(queries.flowRunCount(RUNNING))
  void ask(queries.flowRunCount(LATE))
}

/** What matters first, beside how it was in the time before. */
export function Numbers({ window }: { readonly window: BarsWindow }): ReactElement {
  const history = useQuery(queries.flowRunHistory(window))
  const before = useQuery(historyBefore(window))
  const running = useQuery(queries.flowRunCount(RUNNING))
  const late = useQuery(queries.flowRunCount(LATE))
  const now = history.data === undefined ? undefined : totalsOf(history.data)
  const then = before.data === undefined ? undefined : totalsOf(before.data)
  const [rate, rateThen] = [now && successRate(now), then && successRate(then)]
  const failed = now && now.FAILED + now.CRASHED
  const failedThen = then && then.FAILED + then.CRASHED
  const time = { time: { type: 'between', from: window.from, to: window.to }, timeOf: 'expected' } as const
  return (
    <dl className="grid grid-cols-2 overflow-hidden rounded-lg border border-line bg-surface max-sm:[&>*:last-child]:col-span-2 sm:grid-cols-3 lg:grid-cols-5">
      <Figure
        label="Success rate"
        value={now === undefined ? undefined : rate === undefined ? '–' : percent(rate)}
        error={history.error}
        comparison={rate === undefined || rateThen === undefined ? undefined : comparedShare(rate, rateThen)}
        isGoodUp
      />
      <Figure
        label="Completed"
        tone="completed"
        value={now && number(now.COMPLETED)}
        error={history.error}
        comparison={now && then && compared(now.COMPLETED, then.COMPLETED)}
        isGoodUp
        filter={{ ...time, states: ['COMPLETED'] }}
      />
      <Figure
        label="Failed or crashed"
        tone="failed"
        value={failed === undefined ? undefined : number(failed)}
        error={history.error}
        comparison={failed === undefined || failedThen === undefined ? undefined : compared(failed, failedThen)}
        isGoodUp={false}
        filter={{ ...time, states: ['FAILED', 'CRASHED'] }}
      />
      <Figure
        label="Running now"
        tone="running"
        value={running.data === undefined ? undefined : number(running.data)}
        error={running.error}
        filter={RUNNING}
      />
      <Figure
        label="Late now"
        tone="late"
        value={late.data === undefined ? undefined : number(late.data)}
        error={late.error}
        filter={LATE}
      />
    </dl>
  )
}

function Figure({
  label,
  tone,
  value,
  error,
  comparison,
  isGoodUp,
  filter,
}: {
  readonly label: string
  readonly tone?: Tone
  /** `undefined`: not known yet. */
  readonly value: string | undefined
  readonly error: Error | null
  readonly comparison?: Comparison | undefined
  readonly isGoodUp?: boolean
  /** The runs that are counted. */
  readonly filter?: Partial<RunFilter>
}): ReactElement {
  const isQuiet = value === '0' || tone === undefined
  const shown = value ?? (error === null ? '…' : '?')
  return (
    <div className="-mr-px -mb-px flex min-w-0 flex-col gap-0.5 border-r border-b border-line px-4 py-3">
      <dt className="flex items-center gap-1.5 text-xs text-ink-2">
        {tone !== undefined && (
          <span style={{ color: textColorOf(tone) }}>
            {/* A wheel that turns would say that something is fetched. */}
            {tone === 'running' ? <span aria-hidden className="block size-2 rounded-full bg-current" /> : <ToneIcon tone={tone} />}
          </span>
        )}
        {label}
      </dt>
      <dd className="flex flex-wrap items-baseline gap-x-2" title={value === undefined && error !== null ? messageOf(error) : undefined}>
        <span
          className="tabular text-2xl leading-8 font-semibold tracking-tight"
          style={isQuiet ? undefined : { color: textColorOf(tone) }}
        >
          {filter === undefined || value === undefined ? (
            shown
          ) : (
            <Link to="/runs" search={runsAddress(filter)} className="hover:underline">
              {shown}
            </Link>
          )}
        </span>
        {comparison !== undefined && <Change comparison={comparison} isGoodUp={isGoodUp === true} />}
      </dd>
    </div>
  )
}

function Change({
  comparison: { text, direction },
  isGoodUp,
}: {
  readonly comparison: Comparison
  readonly isGoodUp: boolean
}): ReactElement {
  const isGood = direction === 'same' ? undefined : (direction === 'up') === isGoodUp
  const color = isGood === undefined ? undefined : textColorOf(isGood ? 'completed' : 'failed')
  const Icon = direction === 'up' ? TrendingUp : TrendingDown
  return (
    <span
      className="tabular inline-flex items-center gap-1 text-xs whitespace-nowrap text-ink-3"
      style={{ color }}
      title="Against the time before, just as long"
    >
      {direction !== 'same' && <Icon aria-hidden className="size-3.5" />}
      {text}
    </span>
  )
}
