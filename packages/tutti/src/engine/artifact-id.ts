import type { RunContext } from './context.ts'
import { hashBytes } from './hash.ts'

/** No task is called like this. */
const COUNTED_AS = '\nartifact'

/**
 * The id of the artifact that is published here: it follows from where the call stands, so that a run that is resumed finds what it has
 * published. It begins with the time of its run, as the ids of runs do: artifacts are listed by their ids.
 */
export function artifactId({ active, scope }: RunContext, type: string, key: string | null): string {
  const what = `${type}\n${key ?? ''}`
  const occurrence = scope.nextOccurrence(COUNTED_AS, what)
  const bytes = hashBytes(`${active.run.id}\n${scope.prefix}\nartifact:${what}:${occurrence}`)
  // RFC 9562 version 8: the content is this program's own.
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${active.run.id.slice(0, 13)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
