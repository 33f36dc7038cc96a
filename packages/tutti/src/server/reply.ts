/** An answer whose status or headers are not those that its endpoint declares. */
export class Reply<Body> {
  readonly status: number
  readonly body: Body
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body: Body, headers: Readonly<Record<string, string>> = {}) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** 201 when this request made the thing, 200 when it was there. */
export function createdOr<Body>(isNew: boolean, body: Body): Reply<Body> {
  return new Reply(isNew ? 201 : 200, body)
}
