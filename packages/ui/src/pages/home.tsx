import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ZoomOut } from 'lucide-react'
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { useAddress } from '../address.ts'
import type { AddressReader } from '../address.ts'
import type { Ahead } from '../ahead.ts'
import { IconButton } from '../parts/button.tsx'
import { Page, Section } from '../parts/page.tsx'
import { BarsLegend } from '../parts/run-bars/bars-legend.tsx'
import { barsOfHistory, STATES_OF_TONE } from '../parts/run-bars/bars.ts'
import { RunBars } from '../parts/run-bars/run-bars.tsx'
import { stepBefore, useNowInSteps } from '../parts/time-text.tsx'
import { WindowPicker } from '../parts/window-picker.tsx'
import * as queries from '../queries.ts'
import { runsAddress } from '../run-filter.ts'
import { barsWindow, readWindow, writeWindow, zoomedOut } from '../time-window.ts'
import type { BarsWindow, TimeWindow } from '../time-window.ts'
import { FailingFlows } from './home/failing-flows.tsx'
import { FirstRun } from './home/first-run.tsx'
import { Frame } from './home/frame.tsx'
import { LATE_ASKED, LateRuns } from './home/late-runs.tsx'
import { askNumbers, Numbers } from './home/numbers.tsx'
import { Pools } from './home/pools.tsx'
import { nextHour, Upcoming } from './home/upcoming.tsx'

const DAY = { type: 'last', ms: 86_400_000 } as const satisfies TimeWindow
/** No bar is shorter. */
const SHORTEST_STEP_MS = 5_000
const CHART_PX = 200
const TASKS_PX = 130
/** Around both: the place that is kept for them is as high as they are. */
const PADDING_PX = 24

export function askAhead(ahead: Ahead): void {
  const window = barsWindow(windowOf(ahead.address), stepBefore(ahead.now, SHORTEST_STEP_MS))
  void ahead.ask(queries.anyRun())
  askNumbers(ahead, window)
  void ahead.ask(queries.taskRunHistory(window))
  void ahead.ask(queries.failedRuns(window))
  void ahead.ask(queries.lateRuns(LATE_ASKED))
  void ahead.ask(queries.upcomingRuns(nextHour(ahead.now)))
  void ahead.ask(queries.poolHealth())
}

function windowOf({ one }: AddressReader): TimeWindow {
  return readWindow({ window: one('window'), from: one('from'), to: one('to') }) ?? DAY
}

export function HomePage(): ReactElement {
  const address = useAddress()
  const window = useMemo(() => windowOf(address), [address])
  const bars = useBarsWindow(window)
  const { data: runs } = useQuery(queries.anyRun())
  const show = (next: TimeWindow): void => address.set({ ...writeWindow(isDay(next) ? undefined : next) }, { isStep: true })
  if (runs === false) return <FirstRun />
  return (
    <Page
      title="Home"
      actions={
        <>
          {window.type === 'between' && (
            <IconButton
              label="Zoom out"
              icon={ZoomOut}
              look="ordinary"
              onClick={() => show({ type: 'between', ...zoomedOut(bars, Math.ceil(Date.now() / bars.stepMs) * bars.stepMs) })}
            />
          )}
          <WindowPicker value={window} onChange={show} />
        </>
      }
    >
      <Numbers window={bars} />
      <RunHistory window={bars} onZoom={(start, end) => show({ type: 'between', from: start, to: end })} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <FailingFlows window={bars} />
          <TaskHistory window={bars} onZoom={(start, end) => show({ type: 'between', from: start, to: end })} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <LateRuns />
          <Upcoming />
          <Pools />
        </div>
      </div>
    </Page>
  )
}

function isDay(window: TimeWindow): boolean {
  return window.type === 'last' && window.ms === DAY.ms
}

/** Moves on when the next bar begins, not with every second. */
function useBarsWindow(window: TimeWindow): BarsWindow {
  const { from, to, stepMs } = barsWindow(window, useNowInSteps(SHORTEST_STEP_MS))
  return useMemo(() => ({ from, to, stepMs }), [from, to, stepMs])
}

interface HistoryProps {
  readonly window: BarsWindow
  readonly onZoom: (from: number, to: number) => void
}

function RunHistory({ window, onZoom }: HistoryProps): ReactElement {
  const navigate = useNavigate()
  const history = useQuery(queries.flowRunHistory(window))
  const bars = useMemo(() => barsOfHistory(history.data ?? []), [history.data])
  return (
    <Section title="Flow runs" actions={<BarsLegend bars={bars} />}>
      <Frame query={history} heightPx={CHART_PX + PADDING_PX}>
        <div className="p-4 pb-2">
          <RunBars
            label="Flow runs"
            bars={bars}
            heightPx={CHART_PX}
            onZoom={onZoom}
            onPick={(bar, tone) =>
              void navigate({
                to: '/runs',
                search: runsAddress({
                  time: { type: 'between', from: bar.from, to: bar.to },
                  timeOf: 'expected',
                  states: tone === undefined ? [] : STATES_OF_TONE[tone],
                }),
              })
            }
          />
        </div>
      </Frame>
    </Section>
  )
}

function TaskHistory({ window, onZoom }: HistoryProps): ReactElement {
  const history = useQuery(queries.taskRunHistory(window))
  const bars = useMemo(() => barsOfHistory(history.data ?? []), [history.data])
  return (
    <Section title="Task runs" actions={<BarsLegend bars={bars} />}>
      <Frame query={history} heightPx={TASKS_PX + PADDING_PX}>
        <div className="p-4 pb-2">
          <RunBars label="Task runs" bars={bars} heightPx={TASKS_PX} onZoom={onZoom} />
        </div>
      </Frame>
    </Section>
  )
}
