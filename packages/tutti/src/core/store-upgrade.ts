/** What is smaller is over before anybody wonders. */
const TOLD_BYTES_MIN = 64 * 1024 * 1024

/** An older file is copied, then its schema is changed; both may take minutes, in which its thread does nothing else. */
export type StoreUpgrade =
  | { readonly type: 'copy'; readonly path: string; readonly to: string; readonly sizeBytes: number }
  | { readonly type: 'change'; readonly path: string }

/** Whether the copy of a file of so many bytes takes long enough for people to be told of it. */
export function isLongUpgrade(sizeBytes: number): boolean {
  return sizeBytes >= TOLD_BYTES_MIN
}
