import { useSecretManager } from './secret-manager.ts'

export * from './bigquery/index.ts'
export { GoogleCredentials } from './credentials.ts'
export type { GcpCredentialsFields, Impersonation } from './credentials.ts'
export type { SecretText } from './credentials-json.ts'
export { GcpCredentials } from './gcp-credentials.ts'
export { GcsBucket } from './gcs-bucket.ts'
export { Bucket } from './storage/bucket.ts'
export type { GcsBucketFields } from './storage/settings.ts'
export type { ListOptions } from './storage/list.ts'
export type { ObjectInfo } from './storage/object-info.ts'
export type {
  CopyOptions,
  CreateOptions,
  DeleteOptions,
  DownloadFileOptions,
  DownloadOptions,
  FolderOptions,
  ReadOptions,
  Stoppable,
  UploadFileOptions,
  UploadOptions,
} from './storage/options.ts'
export type { FolderProgress } from './storage/folder-progress.ts'
export type { Bytes } from './storage/pieces.ts'
export type { Preconditions } from './storage/preconditions.ts'
export type { SignedUrlOptions } from './storage/signed-url.ts'
export type { ObjectMetadata, Progress } from './storage/upload.ts'
export { copyObject, deleteObjects, downloadFile, downloadFolder, uploadFile, uploadFolder } from './storage-tasks.ts'
export type {
  BucketOrBlock,
  CopyObjectInput,
  DeleteObjectsInput,
  DownloadFileInput,
  DownloadFolderInput,
  UploadFileInput,
  UploadFolderInput,
} from './storage-tasks.ts'
export { archiveStorage } from './archive-storage.ts'
export { gcsResults } from './result-storage.ts'
export { readSecret, useSecretManager } from './secret-manager.ts'
export type { SecretManagerOptions } from './secret-manager.ts'
export type { EndpointOptions } from './endpoints.ts'

// Blocks may name secrets of Secret Manager wherever this package is imported.
useSecretManager()
