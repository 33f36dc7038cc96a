// Who may speak to this server at all. A browser makes requests for any page that is open in it, also to servers of its own machine: pages
// are told by their `Origin`, and by the `Host` where a name was made to point here (DNS rebinding).
import { isIP } from 'node:net'
import { TuttiError } from '../core/errors.ts'
import { isAuthorised } from './auth.ts'

export interface GuardOptions {
  /** `user:password`; empty: nobody is asked. */
  readonly auth: string
  /** Names besides those of this machine; `*`: any. Only asked where there is no auth string. */
  readonly hosts: readonly string[]
  /** Pages of other addresses that may do what this server's own may. */
  readonly origins: readonly string[]
  /** It was asked for that everybody who reaches the address may do everything: addresses count as its own, names do not. */
  readonly unprotected: boolean
}

/** What the guard looks at; headers that are not there are `null`. */
export interface Caller {
  readonly method: string
  readonly path: string
  readonly host: string | null
  readonly origin: string | null
  /** `Sec-Fetch-Site`. */
  readonly site: string | null
  readonly authorization: string | null
}

export interface Guard {
  /** Throws `HOST_REFUSED`, `ORIGIN_REFUSED` or `UNAUTHORIZED`. */
  check(caller: Caller): void
  /** The same for a web socket, which asks for the auth string in its first message. */
  checkUpgrade(caller: Pick<Caller, 'host' | 'origin'>): void
  /** Whether a page of this origin, which is not this server's own, may read answers. */
  isKnownOrigin(origin: string): boolean
}

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

export function createGuard({ auth, hosts, origins, unprotected }: GuardOptions): Guard {
  const names = new Set(hosts.map((host) => hostname(host) ?? host.toLowerCase()))
  const known = new Set(origins.map((origin) => origin.toLowerCase().replace(/\/+$/, '')))
  const isKnownOrigin = (origin: string): boolean => known.has(origin.toLowerCase())

  function checkHost(host: string | null): void {
    // Whoever knows the auth string is no page that was led here by a name.
    if (auth !== '' || names.has('*')) return
    const name = host === null ? undefined : hostname(host)
    if (name !== undefined && (isLoopback(name) || names.has(name) || (unprotected && isAddress(name)))) return
    throw new TuttiError('HOST_REFUSED', `this server does not answer for the host ${host ?? '(none)'}`)
  }

  function checkOrigin(origin: string | null, host: string | null): void {
    if (origin === null || isKnownOrigin(origin) || isOwn(origin, host)) return
    throw new TuttiError('ORIGIN_REFUSED', `pages of ${origin} may not change anything on this server`)
  }

  return {
    check({ method, path, host, origin, site, authorization }) {
      checkHost(host)
      if (!READING.has(method)) {
        checkOrigin(origin, host)
        if (origin === null && site === 'cross-site')
          throw new TuttiError('ORIGIN_REFUSED', 'pages of other addresses may not change anything on this server')
      }
      // What a browser asks before it asks carries no auth string.
      if (method === 'OPTIONS' && origin !== null && isKnownOrigin(origin)) return
      if (!isAuthorised(auth, { method, path, authorization })) throw new TuttiError('UNAUTHORIZED', 'Unauthorized')
    },
    checkUpgrade({ host, origin }) {
      checkHost(host)
      checkOrigin(origin, host)
    },
    isKnownOrigin,
  }
}

/** Whether only this machine reaches what listens there. */
export function isLoopbackAddress(host: string): boolean {
  return isLoopback(hostname(host) ?? host)
}

/** Without its port, as addresses are written: `[::1]:4200` → `[::1]`, `127.1` → `127.0.0.1`. */
function hostname(host: string): string | undefined {
  const url = `http://${isIP(host) === 6 ? `[${host}]` : host}`
  if (!/^[^/?#@\\\s]+$/.test(host) || !URL.canParse(url)) return undefined
  return new URL(url).hostname.replace(/\.$/, '')
}

function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || (isIP(name) === 4 && name.startsWith('127.'))
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0
}

/** The page comes from where the request goes. */
function isOwn(origin: string, host: string | null): boolean {
  return host !== null && URL.canParse(origin) && new URL(origin).host === new URL(`http://${host}`).host
}
