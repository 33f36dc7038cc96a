import type { Client } from '../client/index.ts'
import { TuttiError } from '../core/errors.ts'
import { loadSettings } from '../settings/load.ts'
import type { World } from './world.ts'

/**
 * The API of the server that the settings name, or else of the one that runs over this home.
 *
 * @param what - what is done there, for the error where there is none: `NEEDS_SERVER`.
 */
export async function serverClient(world: World, what: string): Promise<Client> {
  const { apiUrl, apiAuthString, apiKey, home } = loadSettings(world.environment, (file) => world.readFile(file))
  const url = apiUrl === '' ? await localUrl(home) : apiUrl
  if (url === undefined) throw new TuttiError('NEEDS_SERVER', `${what} on a server, and none runs over ${home}`)
  const { createClient } = await import('../client/index.ts')
  return createClient({
    url,
    ...(apiAuthString === '' ? undefined : { auth: apiAuthString }),
    ...(apiKey === '' ? undefined : { key: apiKey }),
  })
}

async function localUrl(home: string): Promise<string | undefined> {
  const { findServer } = await import('../server/index.ts')
  return findServer(home)?.url ?? undefined
}
