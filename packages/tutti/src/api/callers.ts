import { actorOf, actorText } from '../core/actor.ts'
import type { Actor } from '../core/actor.ts'

/** In which our own programs say who they are, its name percent-encoded. */
const CALLER_HEADER = 'Tutti-Caller'

/** What a caller of ours sends beside every request. */
export function callerHeader(caller: Actor): Readonly<Record<string, string>> {
  return { [CALLER_HEADER]: encodeURIComponent(actorText(caller)) }
}

/** Who sends a request, by what it says of itself. `address`: where it comes from; `undefined` when that is this machine's own socket. */
export function callerOf(headers: Headers, address: string | undefined): Actor {
  const said = sayingOf(headers.get(CALLER_HEADER) ?? '')
  if (said !== undefined) return said
  const agent = headers.get('user-agent') ?? ''
  const browser = browserOf(agent)
  const from = address === undefined ? '' : ` · ${address.replace(/^::ffff:/, '')}`
  if (browser !== undefined) return { kind: 'dashboard', name: `${browser}${from}` }
  return { kind: 'client', name: `${/^[\w.+-]+(?:\/[\w.+-]+)?/.exec(agent)?.[0] ?? 'unnamed'}${from}` }
}

/** Nobody else may speak as the server itself. */
function sayingOf(header: string): Actor | undefined {
  try {
    const actor = actorOf(decodeURIComponent(header))
    return actor === undefined || actor.kind === 'service' ? undefined : actor
  } catch {
    // Not percent-encoded, so not from a program of ours.
    return undefined
  }
}

/** Browsers name each other, too: the more particular name comes first. */
const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chromium/', 'Chromium'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const

function browserOf(agent: string): string | undefined {
  if (!agent.startsWith('Mozilla/')) return undefined
  return BROWSERS.find(([mark]) => agent.includes(mark))?.[1] ?? 'Browser'
}
