import type { ServerAddress } from '../core/server-address.ts'
import { findLocalServer } from './local-server.ts'

/** The settings that say where the server is. */
export interface ServerSettings {
  readonly apiUrl: string
  readonly apiAuthString: string
  readonly apiKey: string
  readonly home: string
}

/** The server that was named, else the one that runs for this home; `undefined`: there is none. */
export async function findServer({ apiUrl, apiAuthString, apiKey, home }: ServerSettings): Promise<ServerAddress | undefined> {
  const secret = { ...(apiAuthString === '' ? undefined : { auth: apiAuthString }), ...(apiKey === '' ? undefined : { key: apiKey }) }
  if (apiUrl !== '') return { url: apiUrl, ...secret }
  const socketPath = await findLocalServer(home)
  return socketPath === undefined ? undefined : { url: 'http://localhost/api', socketPath, ...secret }
}
