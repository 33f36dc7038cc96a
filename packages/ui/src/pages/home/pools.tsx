import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { number, plural } from '../../format.ts'
import { Command } from '../../parts/empty.tsx'
import { Section } from '../../parts/page.tsx'
import { ToneBadge } from '../../parts/state-badge.tsx'
import * as queries from '../../queries.ts'
import type { PoolHealth } from '../../queries.ts'
import { runsAddress } from '../../run-filter.ts'
import type { Tone } from '../../states.ts'
import { Frame } from './frame.tsx'
import { Quiet } from './quiet.tsx'

const SHOWN_MAX = 8

/** Whether somebody takes the runs of each pool, how many run, and how many wait. */
export function Pools(): ReactElement {
  const health = useQuery(queries.poolHealth())
  const pools = (health.data ?? []).slice(0, SHOWN_MAX)
  const names = useMemo(() => (health.data ?? []).slice(0, SHOWN_MAX).map(({ pool }) => pool.name), [health.data])
  const { data: waiting } = useQuery(queries.waitingInPools(names))
  return (
    <Section
      title="Work pools"
      actions={
        <Link to="/work-pools" search={{}} className="text-xs text-accent-text hover:underline">
          All
        </Link>
      }
    >
      <Frame query={health} heightPx={120}>
        {pools.length === 0 && (
          <Quiet icon={Server} text="There is no work pool. Deployments that are served need none.">
            <Command text="npx tutti work-pool create my-pool" />
          </Quiet>
        )}
        <ul>
          {pools.map((each) => (
            <Pool key={each.pool.id} health={each} waiting={waiting?.get(each.pool.name)} />
          ))}
        </ul>
      </Frame>
    </Section>
  )
}

const STATUSES: Readonly<Record<string, { readonly tone: Tone; readonly word: string }>> = {
  READY: { tone: 'completed', word: 'Ready' },
  NOT_READY: { tone: 'late', word: 'No worker' },
  PAUSED: { tone: 'paused', word: 'Paused' },
}

function Pool({ health: { pool, workers }, waiting }: { readonly health: PoolHealth; readonly waiting: number | undefined }): ReactElement {
  const { tone, word } = STATUSES[pool.status ?? ''] ?? { tone: 'pending', word: 'Unknown' }
  const online = workers.filter(({ status }) => status === 'ONLINE').length
  const used = pool.active_slots ?? 0
  const share = pool.concurrency_limit === null || pool.concurrency_limit === 0 ? undefined : Math.min(1, used / pool.concurrency_limit)
  return (
    <li className="flex flex-col gap-1 border-b border-line px-4 py-2.5 last:border-b-0">
      <div className="flex items-center gap-3 text-sm">
        <Link
          to="/work-pools/$name"
          params={{ name: pool.name }}
          search={{}}
          className="min-w-0 flex-1 truncate font-medium hover:underline"
        >
          {pool.name}
        </Link>
        <ToneBadge tone={tone}>{word}</ToneBadge>
      </div>
      <p className="flex flex-wrap gap-x-3 text-xs text-ink-2">
        <span>{online === 0 ? 'no worker online' : `${plural(online, 'worker')} online`}</span>
        <span className="tabular">
          {number(used)}
          {pool.concurrency_limit === null ? ' running' : ` of ${number(pool.concurrency_limit)} slots`}
        </span>
        {waiting !== undefined && waiting > 0 && (
          <Link
            to="/runs"
            search={runsAddress({ pools: [pool.name], states: ['Late'] })}
            className="tabular text-(--state-late-text) hover:underline"
          >
            {plural(waiting, 'run')} waiting
          </Link>
        )}
      </p>
      {share !== undefined && (
        <span aria-hidden className="block h-1 overflow-hidden rounded-full bg-sunken">
          <span className="block h-full bg-(--state-running)" style={{ width: `${share * 100}%` }} />
        </span>
      )}
    </li>
  )
}
