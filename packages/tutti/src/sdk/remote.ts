import { remoteOrchestrator } from '../client/remote-orchestrator.ts'
import { createTransport } from '../client/transport.ts'
import type { Outage, Transport } from '../client/transport.ts'
import type { ServerAddress } from '../core/server-address.ts'
import type { ServerDoor } from '../core/server-door.ts'
import { ThreadBeats } from '../engine/beat/thread-beats.ts'
import type { Settings } from '../settings/load.ts'
import { nodeSender } from '../system/http.ts'
import type { Door, World } from './door.ts'

/** How long a connection may be silent; a flush is answered in milliseconds, unless the server waits for its database. */
const SILENCE_MS = 30_000
const LOOK_MS = 1_000

/** The orchestrator of a server. */
export function remoteDoor(
  address: ServerAddress,
  settings: Settings,
  { clock, random, caller }: World,
  onOutage: (outage: Outage) => void,
): Door {
  const { send, close } = nodeSender({ ...address, silenceMs: SILENCE_MS })
  const { auth, key } = address
  const transport = createTransport({
    send,
    clock,
    random: () => random.next(),
    auth,
    key,
    caller,
    waitMs: settings.serverWaitMs,
    onOutage,
  })
  const orchestrator = remoteOrchestrator({ transport, clock })
  const beatSettings = { beatMs: settings.leaseBeatMs, expiryMs: settings.leaseExpiryMs, lookMs: LOOK_MS }
  return {
    orchestrator: {
      ...orchestrator,
      async close() {
        await orchestrator.close()
        close()
      },
    },
    server: lazyServerDoor(address.socketPath ?? address.url, transport),
    beats: new ThreadBeats({ place: { type: 'server', address }, settings: beatSettings, graceMs: settings.cancelGraceMs }, clock),
  }
}

/** Every endpoint with its schemas is much to load: scripts that only run flows never do. */
function lazyServerDoor(address: string, transport: Transport): ServerDoor {
  let door: Promise<ServerDoor> | undefined
  const load = async (): Promise<ServerDoor> => {
    const [{ clientOver }, { serverDoor }] = await Promise.all([import('../client/client.ts'), import('../client/server-door.ts')])
    return serverDoor(clientOver(transport), address)
  }
  return new Proxy({ address } as ServerDoor, {
    get: (target, name) =>
      name in target || typeof name === 'symbol'
        ? Reflect.get(target, name)
        : async (...args: readonly unknown[]) => {
            const methods = (await (door ??= load())) as unknown as Readonly<Record<string, (...args: readonly unknown[]) => unknown>> // all but the address are
            return methods[name]!(...args)
          },
  })
}
