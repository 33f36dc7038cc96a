/** One request as it goes over the network. */
export interface WireRequest {
  readonly method: string
  /** Below the server's address. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
}

export interface WireResponse {
  readonly status: number
  readonly header: (name: string) => string | null
  /** The body; may be asked for more than once. */
  readonly text: () => Promise<string>
  readonly bytes: () => Promise<Uint8Array>
}

/** Sends a request; rejects when no answer came. Where the address lies is its own business. */
export type Send = (request: WireRequest) => Promise<WireResponse>
