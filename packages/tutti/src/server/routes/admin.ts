import { isBefore } from '../../api/client-version.ts'
import { admin, reportToWire } from '../../api/admin.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

/** Settings as they may be shown. */
export type ShownSettings = Readonly<Record<string, unknown>>

/** The program that answers. */
export type ServerFacts = () => { readonly version: string; readonly uptime_seconds: number }

export function mountAdmin(
  mount: Mount,
  { blockDocuments: door, storage }: ServerOrchestrator,
  { settings, server }: { readonly settings: ShownSettings; readonly server: ServerFacts },
): void {
  mount(admin.settings, async () => ({ ...settings, server: server() }))
  mount(admin.tables, async () => {
    const { settings: shown } = settings
    return reportToWire(await storage.report(), typeof shown === 'object' && shown !== null ? shown : {})
  })
  mount(admin.storage, async ({ client: { prefectVersion } }) => {
    // Clients before 3.3.8 take any block named here for one they must load.
    const isOld = prefectVersion !== null && isBefore(prefectVersion, [3, 3, 8])
    return { default_result_storage_block_id: isOld ? null : await door.defaultStorage() }
  })
  mount(admin.setStorage, async ({ body: { default_result_storage_block_id: id } }) => {
    await door.setDefaultStorage(id)
    return { default_result_storage_block_id: id }
  })
  mount(admin.clearStorage, () => door.setDefaultStorage(null))
}
