// The command's way to the server that keeps deployments, pools and workers.
import { clientOver } from '../client/client.ts'
import type { Client } from '../client/client.ts'
import { createTransport } from '../client/transport.ts'
import { TuttiError } from '../core/errors.ts'
import { loadSettings } from '../settings/load.ts'
import { systemCaller } from '../system/caller.ts'
import { nodeSender } from '../system/http.ts'
import { findServer } from '../system/find-server.ts'
import type { World } from './world.ts'

export { deploymentBody } from '../client/server-door.ts'

export type { Client } from '../client/client.ts'

/** What one of its verbs answers. */
export type Answer<Noun extends keyof Client, Verb extends keyof Client[Noun]> = Client[Noun][Verb] extends (
  ...given: never[]
) => Promise<infer T>
  ? T
  : never

/** Long enough for a server that has just been started. */
const WAIT_MS = 5_000
const SILENCE_MS = 30_000

/**
 * The API of the server that the settings name, or of the one of this home that runs.
 *
 * @param what - is kept there, for the error where there is none.
 * @throws `NEEDS_SERVER` when there is none.
 */
export async function withServer<T>(
  world: World,
  use: (client: Client) => Promise<T>,
  what = 'deployments, pools and workers',
): Promise<T> {
  const settings = loadSettings(world.environment, world.readFile)
  const address = await findServer(settings)
  if (address === undefined) throw new TuttiError('NEEDS_SERVER', `no server runs over ${settings.home}, and only a server keeps ${what}`)
  const { send, close } = nodeSender({ ...address, silenceMs: SILENCE_MS })
  const { clock } = world
  const random = (): number => (clock.now() % 1_000) / 1_000
  const { auth, key } = address
  try {
    return await use(clientOver(createTransport({ send, clock, random, auth, key, caller: systemCaller(), waitMs: WAIT_MS })))
  } finally {
    close()
  }
}
