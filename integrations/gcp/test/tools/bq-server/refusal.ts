/** What the service answers instead of doing it: an HTTP status, BigQuery's word for the reason, and a sentence. */
export class Refusal extends Error {
  readonly status: number
  readonly reason: string
  readonly location: string | undefined

  constructor(status: number, reason: string, message: string, location?: string) {
    super(message)
    this.status = status
    this.reason = reason
    this.location = location
  }
}

export const invalid = (message: string): Refusal => new Refusal(400, 'invalid', message)
export const notFound = (what: string): Refusal => new Refusal(404, 'notFound', `Not found: ${what}`)
export const duplicate = (what: string): Refusal => new Refusal(409, 'duplicate', `Already Exists: ${what}`)
