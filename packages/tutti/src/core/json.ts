/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/**
 * A value as the store keeps it: text in a named format, or a reference to a blob of the run's result storage when it is large.
 * - `json`: plain JSON; the value survives it unchanged.
 * - `devalue`: text that also carries Date, Map, Set, BigInt, bytes, Error, URL, cycles.
 * - `cbor`: base64 of CBOR, for large numeric data.
 * - `blob`: `text` is the key in result storage; the blob starts with its own format.
 * - `none`: there was a result but it could not or should not be kept; the task runs again on resume.
 */
export interface StoredValue {
  readonly format: 'json' | 'devalue' | 'cbor' | 'blob' | 'none'
  readonly text: string
}
