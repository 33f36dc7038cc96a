/** What a client must know of an endpoint to call it. */
export interface WireCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below `/api`, with parameters in braces: `/flow_runs/{id}/set_state`. */
  readonly path: string
  /** What the answer is; default JSON. */
  readonly answer?: 'nothing' | 'bytes' | 'text'
  /** The body is bytes and no JSON. */
  readonly bytes?: true
}
