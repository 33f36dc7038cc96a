import type { Bucket } from './bucket.ts'
import type { FolderProgress } from './folder-progress.ts'
import type { Preconditions } from './preconditions.ts'
import type { ObjectMetadata, Progress } from './upload.ts'

export interface Stoppable {
  /** Stops it; the signal of the run when nothing is given. */
  readonly signal?: AbortSignal | undefined
}

export interface UploadOptions extends Stoppable, Preconditions, ObjectMetadata {
  /** Called when more bytes have arrived. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** How a file that is large (`largeBytes` of the bucket) goes up or comes down. */
export interface PartsOption {
  /** Parts that are transferred at once; 4 when nothing is given, 1: all of it in one stream. */
  readonly parts?: number | undefined
}

export interface UploadFileOptions extends UploadOptions, PartsOption {}

export interface DownloadFileOptions extends DownloadOptions, PartsOption {}

export interface DownloadOptions extends Stoppable, Preconditions {
  /** An older version, when the bucket keeps them. */
  readonly generation?: string | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** Leaves what was stored packed (`contentEncoding: 'gzip'`) as it is. */
  readonly raw?: boolean | undefined
}

export interface ReadOptions extends DownloadOptions {
  /** The first byte that is wanted, from 0. A part of an object comes as it is stored. */
  readonly start?: number | undefined
  /** The first byte that is not wanted any more. */
  readonly end?: number | undefined
}

export interface FolderOptions extends Stoppable {
  /** Only names that fit, as `**` + `/*.parquet`, seen from the folder. */
  readonly glob?: string | undefined
  /** Files at once; 4 when nothing is given. */
  readonly parallel?: number | undefined
  /** Called when more bytes of any of them have arrived, and when a file is done. */
  readonly onProgress?: ((progress: FolderProgress) => void) | undefined
}

export interface CopyOptions extends Stoppable, Preconditions {
  /** The bucket it is copied to; the same one when nothing is given. */
  readonly to?: Bucket | undefined
  readonly generation?: string | undefined
}

export interface DeleteOptions extends Stoppable, Preconditions {
  readonly generation?: string | undefined
}

export interface CreateOptions extends Stoppable {
  /** `US` when nothing is given. */
  readonly location?: string | undefined
  readonly storageClass?: string | undefined
  /** Access by roles alone, without lists for single objects. Usual. */
  readonly uniformAccess?: boolean | undefined
}
