import { API_LEVEL, PREFECT_VERSION } from '../../api/client-version.ts'
import { root } from '../../api/root.ts'
import { TuttiError } from '../../core/errors.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'
import { Reply } from '../reply.ts'

export function mountRoot(mount: Mount, orchestrator: ServerOrchestrator): void {
  mount(root.health, async () => true)
  mount(root.ready, async () => {
    try {
      await orchestrator.flows.list({ limit: 1 })
      return { message: 'OK' }
    } catch {
      // The answer is the news: why the database cannot be read stands in the server's log, with every other request that fails.
      return new Reply(503, { message: 'Database is not available' })
    }
  })
  mount(root.hello, async () => '👋')
  mount(root.version, async () => API_LEVEL.join('.'))
  mount(root.adminVersion, async () => PREFECT_VERSION)
  mount(root.csrfToken, async () => {
    // Clients look for exactly this text and go on without a token.
    throw new TuttiError('INVALID_REQUEST', 'CSRF protection is disabled.')
  })
}
