import { TuttiError } from '../core/errors.ts'

/** What a database address says, to us and to the client library. */
export interface PostgresAddress {
  /** One for each host, in the order in which they are tried: `postgres://a,b:5433/tutti` names a primary and its standby. */
  readonly urls: readonly string[]
  /** `?prepare=false`: statements are not kept by the server, for poolers that hand connections on between transactions. */
  readonly prepare: boolean
  /** `?pool=8`: connections for reading; writing takes up to three more. */
  readonly readers: number
  /** `?listen=host:5432`: where to listen for wake-ups when the address itself is a pooler's. */
  readonly listenUrls: readonly string[]
}

const READERS = 4
const READERS_MAX = 100
const ADDRESS = /^(postgres(?:ql)?:\/\/(?:.*@)?)([^@/?]*)(\/[^?]*)?(?:\?(.*))?$/i

/** @throws `INVALID_SETTING` without repeating the address, which may hold a password. */
export function readAddress(url: string): PostgresAddress {
  const [, start, hosts, database = '', query = ''] = ADDRESS.exec(url) ?? []
  if (start === undefined || hosts === undefined) throw unreadable('it is not of the form postgres://user:password@host:5432/database')
  const parameters = new URLSearchParams(query)
  const own = (name: string): string | undefined => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value ?? undefined
  }
  const [prepare, pool, listen] = [own('prepare'), own('pool'), own('listen')]
  if (prepare !== undefined && prepare !== 'true' && prepare !== 'false') throw unreadable('prepare must be true or false')
  const readers = pool === undefined ? READERS : Number(pool)
  if (!Number.isInteger(readers) || readers < 1 || readers > READERS_MAX) throw unreadable(`pool must be a number from 1 to ${READERS_MAX}`)
  const rest = parameters.size === 0 ? database : `${database}?${parameters.toString()}`
  const urlsOf = (list: string): readonly string[] => list.split(',').map((host) => `${start}${host}${rest}`)
  const urls = urlsOf(hosts)
  return { urls, prepare: prepare !== 'false', readers, listenUrls: listen === undefined ? urls : urlsOf(listen) }
}

function unreadable(why: string): TuttiError {
  return new TuttiError('INVALID_SETTING', `the address of the PostgreSQL database cannot be used: ${why}`)
}
