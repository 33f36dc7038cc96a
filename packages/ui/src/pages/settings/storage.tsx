import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { bytes, number, plural } from '../../format.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Section } from '../../parts/page.tsx'
import { Ago } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import { DATABASES } from './databases.ts'
import { Facts } from './facts.tsx'
import { tableText } from './setting-text.ts'

type Table = { readonly name: string; readonly rows: number; readonly bytes: number; readonly estimated: boolean }

/** What is kept for how long, and how much room it takes. */
export function Storage(): ReactElement {
  const { data, error, isPending, refetch } = useQuery(queries.serverTables())
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  if (isPending || data === undefined) return <Loading />
  const kept = (days: number | null): string => (days === null ? 'as long as the database' : plural(days, 'day'))
  const most = Math.max(1, ...data.tables.map((table) => table.bytes))
  const about = data.tables.some(({ estimated }) => estimated)
  const columns: readonly Column<Table>[] = [
    { id: 'name', title: 'Table', width: 'minmax(8rem, 1fr)', cell: ({ name }) => tableText(name) },
    { id: 'rows', title: about ? 'Rows, about' : 'Rows', width: '6.5rem', align: 'right', from: 400, cell: ({ rows }) => number(rows) },
    { id: 'size', title: 'Size', width: '5.5rem', align: 'right', cell: ({ bytes: size }) => bytes(size) },
    {
      id: 'share',
      title: '',
      width: 'minmax(5rem, 1fr)',
      from: 560,
      cell: ({ bytes: size }) => (
        <span aria-hidden className="block h-1.5 rounded-full bg-accent" style={{ width: `max(2px, ${(size / most) * 100}%)` }} />
      ),
    },
  ]
  return (
    <div className="grid items-start gap-4 pt-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <Section title="What is kept">
        <Facts
          facts={[
            ['Database', `${DATABASES[data.dialect]}, ${bytes(data.bytes)}`],
            ['Flow runs', kept(data.retention.flow_run_days)],
            ['Logs', kept(data.retention.log_days)],
            ['Events', kept(data.retention.event_days)],
            ['Last deleted', data.retention.last_run === null ? 'not yet' : <Ago key="last" at={data.retention.last_run} />],
          ]}
        />
        <p className="border-t border-line px-4 py-3 text-xs text-ink-3">
          Changed where the server starts: <code className="font-mono">TUTTI_KEEP_FLOW_RUNS</code>,{' '}
          <code className="font-mono">TUTTI_KEEP_LOGS</code>, <code className="font-mono">TUTTI_KEEP_EVENTS</code>.
        </p>
      </Section>
      <DataTable
        label="Tables of the database"
        height="rows"
        columns={columns}
        rows={data.tables}
        idOf={({ name }) => name}
        empty={<p className="p-4 text-sm">There are no tables.</p>}
      />
    </div>
  )
}
