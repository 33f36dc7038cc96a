import { queryOptions } from '@tanstack/react-query'
import { client } from '../connection.ts'

/** One setting, as the server describes it. */
export interface ShownSetting {
  readonly key: string
  readonly environment: string
  readonly about: string
  readonly value: unknown
  readonly default: string
  readonly is_default: boolean
  readonly is_secret: boolean
}

interface ShownServer {
  readonly home?: string
  readonly database?: { readonly type: string }
  readonly described?: readonly ShownSetting[]
  readonly server?: { readonly version: string; readonly uptime_seconds: number }
}

export function serverSettings() {
  return queryOptions({
    queryKey: ['server', 'settings'],
    queryFn: async ({ signal }) => {
      const askedAt = Date.now()
      const shown = (await client().admin.settings({ signal })) as ShownServer // the server's own shape
      return { ...shown, startedAt: shown.server === undefined ? undefined : askedAt - shown.server.uptime_seconds * 1_000 }
    },
  })
}

export function serverTables() {
  return queryOptions({ queryKey: ['server', 'tables'], queryFn: ({ signal }) => client().admin.tables({ signal }) })
}

export function serverReady() {
  return queryOptions({
    queryKey: ['server', 'ready'],
    queryFn: async ({ signal }) => {
      await client().root.ready({ signal })
      return true
    },
  })
}

export function maintenance() {
  return queryOptions({ queryKey: ['maintenance'], queryFn: ({ signal }) => client().maintenance.read({}, { signal }) })
}

export function startMaintenance(message: string | null) {
  return client().maintenance.start({ body: { message } })
}

export function endMaintenance(catchUp: 'all' | 'latest' | 'none') {
  return client().maintenance.end({ catch_up: catchUp })
}
