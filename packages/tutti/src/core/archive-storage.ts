/** Where archives of code are kept: a folder, a bucket. Names are hashes of what they name, so nothing is ever changed. */
export interface ArchiveStorage {
  has(name: string, signal: AbortSignal): Promise<boolean>
  write(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** `undefined`: there is nothing of that name. */
  read(name: string, signal: AbortSignal): Promise<Uint8Array | undefined>
}

/** What `@tutti/gcp` and others export as `archiveStorage`. */
export type OpenArchiveStorage = (options: { readonly address: string; readonly key: string | null }) => ArchiveStorage

/** Files of one archive, and their bytes all together: code is small. */
export const ARCHIVE_FILES_MAX = 20_000
export const ARCHIVE_BYTES_MAX = 128 * 1024 * 1024

export function archiveName(hash: string): string {
  return `${hash}.tar.gz`
}
