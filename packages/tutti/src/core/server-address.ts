/** How a server is reached, and with which secret. Plain data: a thread of its own is handed one. */
export interface ServerAddress {
  /** Up to and including `/api`. */
  readonly url: string
  /** On this machine: a Unix socket in the home of both, instead of a port that anybody may hold. */
  readonly socketPath?: string
  /** `user:password`, for a server that asks for it. */
  readonly auth?: string
  /** Instead of it: a bearer token, for a server or a gateway that asks for one. */
  readonly key?: string
}

/** The socket of a server lies in its home under this name, unless that path is too long. */
export const SOCKET_NAME = 'server.sock'
