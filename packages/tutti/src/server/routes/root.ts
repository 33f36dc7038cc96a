import { API_LEVEL, PREFECT_VERSION } from '../../api/client-version.ts'
import { root } from '../../api/root.ts'
import { TuttiError } from '../../core/errors.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Clock } from '../../core/time.ts'
import type { Mount } from '../mount.ts'
import { createReadiness } from '../readiness.ts'
import { Reply } from '../reply.ts'

export function mountRoot(mount: Mount, orchestrator: ServerOrchestrator, clock: Clock): void {
  mount(root.health, async () => true)
  const isReady = createReadiness(() => orchestrator.flows.list({ limit: 1 }), clock)
  mount(root.ready, async () => ((await isReady()) ? { message: 'OK' } : new Reply(503, { message: 'Database is not available' })))
  mount(root.hello, async () => '👋')
  mount(root.version, async () => API_LEVEL.join('.'))
  mount(root.adminVersion, async () => PREFECT_VERSION)
  mount(root.csrfToken, async () => {
    // Clients look for exactly this text and go on without a token.
    throw new TuttiError('INVALID_REQUEST', 'CSRF protection is disabled.')
  })
}
