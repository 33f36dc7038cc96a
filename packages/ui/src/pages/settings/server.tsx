import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { root } from '../../connection.ts'
import { bytes } from '../../format.ts'
import { useLiveStatus } from '../../live.ts'
import { CopyButton } from '../../parts/empty.tsx'
import { Failure, Loading } from '../../parts/failure.tsx'
import { Section } from '../../parts/page.tsx'
import { Took } from '../../parts/time-text.tsx'
import * as queries from '../../queries.ts'
import { DATABASES } from './databases.ts'
import { Facts } from './facts.tsx'
import { Maintenance } from './maintenance.tsx'

/** Which server this is, and whether it lets anything start. */
export function Server(): ReactElement {
  const { data, error, refetch } = useQuery(queries.serverSettings())
  const { data: tables } = useQuery(queries.serverTables())
  const ready = useQuery(queries.serverReady())
  const live = useLiveStatus()
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const address = new URL('api', root).href
  const database = data.database?.type ?? tables?.dialect ?? ''
  const startedAt = data.startedAt === undefined ? undefined : new Date(data.startedAt).toISOString()
  return (
    <div className="grid items-start gap-4 pt-4 lg:grid-cols-2">
      <Section title="Server">
        <Facts
          facts={[
            ['Version', `Tutti ${data.server?.version ?? 'of an unknown version'}`],
            [
              'Address',
              <span key="address" className="flex items-center gap-1">
                <code className="font-mono text-xs break-all">{address}</code>
                <CopyButton text={address} label="Copy the address" />
              </span>,
            ],
            ['Up for', <Took key="up" from={startedAt} to={null} />],
            ['Ready', ready.isPending ? '–' : ready.error === null ? 'Yes: it reaches its database' : 'No: it does not reach its database'],
            ['Live view', live === 'live' ? 'Connected' : 'Not connected'],
            ['Database', `${DATABASES[database] ?? database}${tables === undefined ? '' : `, ${bytes(tables.bytes)}`}`],
            [
              'Home',
              <code key="home" className="font-mono text-xs break-all">
                {data.home ?? '–'}
              </code>,
            ],
          ]}
        />
      </Section>
      <Maintenance />
    </div>
  )
}
