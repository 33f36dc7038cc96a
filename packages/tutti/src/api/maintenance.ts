import { z } from 'zod'
import { CATCH_UPS } from '../core/maintenance-mode.ts'
import type { MaintenanceMode, MaintenanceStatus } from '../core/maintenance-mode.ts'
import { endpoint } from './endpoint.ts'
import { holdingToWire, holdingWire } from './explanations.ts'
import { timeText, wire } from './values.ts'

const MESSAGE_MAX = 1_000

const modeWire = z
  .object({
    scope: z.enum(['server', 'pool']),
    work_pool_id: wire.uuid.nullable(),
    work_pool_name: z.string().nullable(),
    message: z.string().nullable(),
    started: wire.time,
  })
  .meta({ id: 'MaintenanceMode' })

const statusWire = z
  .object({ modes: z.array(modeWire), running: z.int().min(0), runs: z.array(holdingWire) })
  .meta({ id: 'MaintenanceStatus' })

export function modeToWire({ scope, message, startedAt }: MaintenanceMode): z.input<typeof modeWire> {
  return {
    scope: scope.type,
    work_pool_id: scope.type === 'pool' ? scope.id : null,
    work_pool_name: scope.type === 'pool' ? scope.name : null,
    message,
    started: timeText(startedAt),
  }
}

export function maintenanceStatusToWire({ modes, running, runs }: MaintenanceStatus): z.input<typeof statusWire> {
  return { modes: modes.map(modeToWire), running, runs: runs.map(holdingToWire) }
}

const pool = z.string().min(1).optional()

/** Nothing new starts on the server, or in one work pool; what runs goes on to its end. */
export const maintenance = {
  read: endpoint({
    method: 'GET',
    path: '/maintenance',
    summary: 'What is in maintenance, and which runs are still under way there.',
    query: z.object({ work_pool: pool }),
    output: statusWire,
    errors: ['NOT_FOUND'],
  }),
  start: endpoint({
    method: 'PUT',
    path: '/maintenance',
    summary: 'Starts nothing new from now on, on the server or in one work pool.',
    body: z.strictObject({ work_pool: z.string().min(1).nullish(), message: z.string().max(MESSAGE_MAX).nullish() }).default({}),
    output: modeWire,
    errors: ['NOT_FOUND'],
  }),
  end: endpoint({
    method: 'DELETE',
    path: '/maintenance',
    summary: 'Goes on as it was; `catch_up` says what becomes of runs of schedules that became due meanwhile.',
    query: z.object({ work_pool: pool, catch_up: z.enum(CATCH_UPS).optional() }),
    output: z.object({ was_on: z.boolean(), skipped: z.int().min(0) }),
    errors: ['NOT_FOUND'],
  }),
}
