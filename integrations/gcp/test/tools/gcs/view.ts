import type { StoredObject } from './disk.ts'

/** An object as the service shows it. */
export function viewOf(object: StoredObject, url: string): Readonly<Record<string, unknown>> {
  const { bucket, name, generation } = object
  const address = `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`
  return {
    kind: 'storage#object',
    ...object,
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${url}${address}`,
    mediaLink: `${url}/download${address}?generation=${generation}&alt=media`,
  }
}
