// Where the server is, and who asks: the page knows no address but its own.
import { createClient, isTuttiError } from 'tutti/client'
import type { Client } from 'tutti/client'
import { useSyncExternalStore } from 'react'

const AUTH_KEY = 'tutti.auth'

/** The folder the dashboard is served from, whatever a proxy has put before it. */
export const root = new URL('.', document.baseURI)

/** `asked`: the server has to be told who asks; `wrong`: it did not take what it was told. */
export type Refusal = 'asked' | 'wrong'

const listeners = new Set<() => void>()
let refusal: Refusal | undefined
let isTold = storedAuth() !== ''
let connected: Client = connect(storedAuth())

function storedAuth(): string {
  try {
    return sessionStorage.getItem(AUTH_KEY) ?? ''
  } catch {
    return ''
  }
}

function connect(auth: string): Client {
  return createClient({
    url: new URL('api', root).href,
    // A page that fails says so, and asks again itself.
    waitMs: 0,
    fetch: (url, init) => globalThis.fetch(url, init),
    ...(auth === '' ? undefined : { auth }),
  })
}

/** The server, as the person signed in may ask it. */
export function client(): Client {
  return connected
}

/** `user:password`, kept as long as this window is. */
export function signIn(auth: string): void {
  try {
    sessionStorage.setItem(AUTH_KEY, auth)
  } catch {
    // Then it is asked for again with the next page.
  }
  connected = connect(auth)
  isTold = true
  setRefusal(undefined)
}

/** The server does not know who asks. */
export function noteRefusal(error: unknown): void {
  if (isTuttiError(error, 'UNAUTHORIZED')) setRefusal(isTold ? 'wrong' : 'asked')
}

function setRefusal(value: Refusal | undefined): void {
  if (refusal === value) return
  refusal = value
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Why the server has to be told who asks; `undefined`: it does not. */
export function useRefusal(): Refusal | undefined {
  return useSyncExternalStore(subscribe, () => refusal)
}

/** Resolves at once unless somebody has to sign in first. */
export function signedIn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (refusal === undefined || signal.aborted) return resolve()
    const stop = subscribe(() => {
      if (refusal !== undefined) return
      stop()
      resolve()
    })
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
