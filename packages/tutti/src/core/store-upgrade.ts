/** An older file is copied, then its schema is changed; both may take minutes, in which its thread does nothing else. */
export type StoreUpgrade =
  | { readonly type: 'copy'; readonly path: string; readonly to: string; readonly sizeBytes: number }
  | { readonly type: 'change'; readonly path: string }
