import { z } from 'zod'
import type { StorageReport } from '../core/table-sizes.ts'
import { endpoint } from './endpoint.ts'
import { count } from './shapes.ts'
import { timeText, uuid, wire } from './values.ts'

const storageWire = z.object({ default_result_storage_block_id: wire.uuid.nullable() }).meta({ id: 'ServerDefaultResultStorage' })

const days = z.number().nullable()

const tablesWire = z
  .object({
    dialect: z.enum(['sqlite', 'postgres']),
    bytes: count,
    at: wire.time,
    tables: z.array(z.object({ name: z.string(), rows: count, bytes: count, estimated: z.boolean() })),
    retention: z.object({
      flow_run_days: days,
      log_days: days,
      event_days: days,
      interval_seconds: z.number().nullable(),
      last_run: wire.time.nullable(),
    }),
  })
  .meta({ id: 'StorageReport' })

/** By the keys under which settings are shown. */
type Kept = Readonly<Partial<Record<'keepFlowRuns' | 'keepLogs' | 'keepEvents' | 'retentionInterval', unknown>>>

export function reportToWire({ dialect, bytes, at, tables, retainedAt }: StorageReport, settings: Kept): z.input<typeof tablesWire> {
  const { keepFlowRuns, keepLogs, keepEvents, retentionInterval } = settings
  const known = (value: unknown): number | null => (typeof value === 'number' ? value : null)
  return {
    dialect,
    bytes,
    at: timeText(at),
    tables: tables.map(({ name, rows, bytes: size, isEstimated }) => ({ name, rows, bytes: size, estimated: isEstimated })),
    retention: {
      flow_run_days: known(keepFlowRuns),
      log_days: known(keepLogs),
      event_days: known(keepEvents),
      interval_seconds: typeof retentionInterval === 'number' ? retentionInterval / 1000 : null,
      last_run: timeText(retainedAt),
    },
  }
}

export const admin = {
  tables: endpoint({
    method: 'GET',
    path: '/admin/tables',
    summary: 'How large the database and its tables are, what is kept for how long, and when the rest was last deleted.',
    output: tablesWire,
  }),
  settings: endpoint({
    method: 'GET',
    path: '/admin/settings',
    summary: 'Settings of the server, without secrets.',
    output: wire.object,
  }),
  storage: endpoint({
    method: 'GET',
    path: '/admin/storage',
    summary: 'The block that results are kept in by those who name none.',
    output: storageWire,
  }),
  setStorage: endpoint({
    method: 'PUT',
    path: '/admin/storage',
    summary: 'Names the block that results are kept in by those who name none.',
    body: z.strictObject({ default_result_storage_block_id: uuid }),
    output: storageWire,
    errors: ['NOT_FOUND', 'INVALID_REQUEST'],
  }),
  clearStorage: endpoint({ method: 'DELETE', path: '/admin/storage', summary: 'Names no such block any more.' }),
}
