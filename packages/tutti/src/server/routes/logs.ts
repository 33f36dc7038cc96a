import { logs } from '../../api/logs.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountLogs(mount: Mount, { logs: door }: ServerOrchestrator): void {
  mount(logs.create, async ({ body }) => {
    await door.append(body)
    return null
  })
}
