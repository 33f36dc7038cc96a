import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { remoteOrchestrator } from '../../src/client/remote-orchestrator.ts'
import { createTransport } from '../../src/client/transport.ts'
import { createServerOrchestrator } from '../../src/orchestrator/server.ts'
import { createApp } from '../../src/server/app.ts'
import { createSecretBox } from '../../src/store/secrets.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { systemClock } from '../../src/system/clock.ts'
import { nodeSender } from '../../src/system/http.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { orchestratorCases } from './orchestrator.ts'
import { seededIds } from './records.ts'

orchestratorCases('over HTTP', async ({ time, processes }) => {
  const store = await openSqlite({ path: ':memory:', clock: time })
  const near = createServerOrchestrator({
    store,
    clock: time,
    ids: seededIds(7),
    random: seededRandom(1),
    secrets: createSecretBox(new Uint8Array(32), seededRandom(2)),
    liveness: processes,
    resultsFolder: null,
  })
  const app = createApp(near, {
    clock: time,
    onError: (error) => {
      throw error
    },
  })
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
})
