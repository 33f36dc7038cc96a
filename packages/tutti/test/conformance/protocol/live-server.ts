import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createClient } from '../../../src/client/index.ts'
import type { Client } from '../../../src/client/index.ts'
import type { ServerOrchestrator } from '../../../src/core/server-orchestrator.ts'
import { createServerOrchestrator } from '../../../src/orchestrator/server.ts'
import { createApp } from '../../../src/server/app.ts'
import { createHub } from '../../../src/server/hub.ts'
import { createWake } from '../../../src/server/wake.ts'
import type { Wake } from '../../../src/server/wake.ts'
import { createSecretBox } from '../../../src/store/secrets.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemLiveness } from '../../../src/system/liveness.ts'
import { seededRandom } from '../../../src/testing/seeded-random.ts'
import { held } from '../../protocol/held.ts'
import { FaultProxy } from '../../tools/fault-proxy.ts'
import { seededIds } from '../records.ts'
import { openEmptyStore } from './empty-store.ts'

export interface LiveServer {
  readonly orchestrator: ServerOrchestrator
  /** Between the client and the server. */
  readonly proxy: FaultProxy
  readonly client: Client
  readonly wake: Wake
  close(): Promise<void>
}

/** A server on a port behind a line that may be cut, over an empty database. */
export async function openLiveServer(): Promise<LiveServer> {
  const clock = systemClock()
  const store = await openEmptyStore()
  const [wake, hub] = [createWake(clock), createHub()]
  const orchestrator = createServerOrchestrator({
    store,
    clock,
    ids: seededIds(),
    random: seededRandom(1),
    secrets: createSecretBox(new Uint8Array(32), seededRandom(2)),
    liveness: systemLiveness(),
    resultsFolder: null,
    tell: (told) => {
      wake.tell(told)
      hub.tell(told)
    },
  })
  const app = held(createApp(orchestrator, { clock, wake, hub, onError: () => undefined }))
  const server = createAdaptorServer({ fetch: app.fetch })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: (server.address() as AddressInfo).port }) // it listens on a port
  return {
    orchestrator,
    proxy,
    client: createClient({ url: `http://127.0.0.1:${proxy.port}/api`, waitMs: 5_000 }),
    wake,
    async close() {
      wake.close()
      await proxy.close()
      server.close()
      await orchestrator.close()
    },
  }
}
