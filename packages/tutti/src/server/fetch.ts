/** Answers one request; `env` is what the adapter tells of the connection. */
export type Fetch = (request: Request, env?: unknown) => Response | Promise<Response>
