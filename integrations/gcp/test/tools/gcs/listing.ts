import type { StoredObject } from './disk.ts'

export interface Page {
  readonly items: readonly StoredObject[]
  readonly prefixes: readonly string[]
  readonly nextPageToken: string | undefined
}

const PAGE_MAX = 1000

/** One page of the objects of a bucket in the order of their names' bytes; with a delimiter what lies below it is one prefix. */
export function listPage(objects: ReadonlyMap<string, StoredObject>, query: URLSearchParams): Page {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const sizeMax = Math.min(Number(query.get('maxResults') ?? PAGE_MAX) || PAGE_MAX, PAGE_MAX)
  const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString()
  const items: StoredObject[] = []
  const prefixes = new Set<string>()
  let last = ''
  for (const name of namesOf(objects, query)) {
    const key = keyOf(name, prefix, delimiter)
    if ((after !== '' && compareBytes(key, after) <= 0) || prefixes.has(key)) continue
    if (items.length + prefixes.size >= sizeMax) {
      return { items, prefixes: [...prefixes], nextPageToken: Buffer.from(last).toString('base64url') }
    }
    if (key === name && !isPrefix(name, prefix, delimiter)) items.push(objects.get(name)!)
    else prefixes.add(key)
    last = key
  }
  return { items, prefixes: [...prefixes], nextPageToken: undefined }
}

function namesOf(objects: ReadonlyMap<string, StoredObject>, query: URLSearchParams): readonly string[] {
  const prefix = query.get('prefix') ?? ''
  const start = query.get('startOffset') ?? ''
  const end = query.get('endOffset')
  return [...objects.keys()].filter((name) => name.startsWith(prefix) && name >= start && (end === null || name < end)).sort(compareBytes)
}

function keyOf(name: string, prefix: string, delimiter: string): string {
  const cut = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length)
  return cut < 0 ? name : name.slice(0, cut + delimiter.length)
}

function isPrefix(name: string, prefix: string, delimiter: string): boolean {
  return delimiter !== '' && name.indexOf(delimiter, prefix.length) >= 0
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
