import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { remoteOrchestrator } from '../../src/client/remote-orchestrator.ts'
import { createTransport } from '../../src/client/transport.ts'
import type { Orchestrator } from '../../src/core/orchestrator.ts'
import { createServerOrchestrator } from '../../src/orchestrator/server.ts'
import { createApp } from '../../src/server/app.ts'
import type { Store } from '../../src/store/port.ts'
import { createSecretBox } from '../../src/store/secrets.ts'
import { systemClock } from '../../src/system/clock.ts'
import { nodeSender } from '../../src/system/http.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { held } from '../protocol/held.ts'
import type { OpenHome } from './home.ts'
import { seededIds } from './records.ts'

/** A server on a port of its own over a store, and the orchestrator that speaks to it. */
export async function overHttp(store: Store, { time, processes }: Parameters<OpenHome>[0]): Promise<Orchestrator> {
  const near = createServerOrchestrator({
    store,
    clock: time,
    ids: seededIds(7),
    random: seededRandom(1),
    secrets: createSecretBox(new Uint8Array(32), seededRandom(2)),
    liveness: processes,
    resultsFolder: null,
  })
  const app = held(
    createApp(near, {
      clock: time,
      onError: (error) => {
        throw error
      },
    }),
  )
  const server = createAdaptorServer({ fetch: app.fetch })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  const sender = nodeSender({ url: `http://127.0.0.1:${port}/api`, silenceMs: 10_000 })
  const transport = createTransport({ send: sender.send, clock: systemClock(), random: () => 0.5, waitMs: 2_000 })
  const remote = remoteOrchestrator({ transport, clock: time })
  return {
    ...remote,
    // What a server does by itself is asked of it here.
    maintenance: near.maintenance,
    async close() {
      await remote.close()
      sender.close()
      server.close()
      await near.close()
    },
  }
}
