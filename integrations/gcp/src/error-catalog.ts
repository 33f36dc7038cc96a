import { TuttiError } from 'tutti'

/** What each error is worth on the wire, and the next step to take. */
export type ErrorCatalog = Readonly<Record<string, { readonly status: number; readonly fix: string }>>

/** Makes the errors of a catalog, with codes as `gcp/CODE`. */
export function errorsOf<Catalog extends ErrorCatalog>(
  catalog: Catalog,
): (code: keyof Catalog & string, message: string, options?: { readonly cause?: unknown }) => TuttiError {
  return function made(code, message, options) {
    const error = new TuttiError(described(catalog, code), message, options)
    // Where it was made is of no interest to anybody: its stack begins with who asked for it.
    Error.captureStackTrace(error, made)
    return error
  }
}

/** An error as `TuttiError` wants it described, for classes of one's own. */
export function described<Catalog extends ErrorCatalog>(
  catalog: Catalog,
  code: keyof Catalog & string,
): { readonly code: `gcp/${string}`; readonly status: number; readonly fix: string } {
  const { status, fix } = catalog[code]! // a key of it
  return { code: `gcp/${code}`, status, fix }
}
