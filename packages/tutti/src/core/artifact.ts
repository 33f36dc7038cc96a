import type { Condition, Listing } from './condition.ts'
import type { JsonText } from './literal-json.ts'
import type { Instant } from './time.ts'

/** Something a run made for people to look at. */
export interface Artifact {
  readonly id: string
  /** Artifacts of one key follow each other; the latest one is what is shown. */
  readonly key: string | null
  /** `markdown`, `table`, `link`, `image`, `progress`, or a word of the user's own. */
  readonly type: string | null
  readonly description: string | null
  readonly data: JsonText | null
  /** Texts by name. */
  readonly metadata: JsonText | null
  readonly flowRunId: string | null
  readonly taskRunId: string | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** The artifacts of one key, shown as the latest of them. */
export interface ArtifactCollection {
  readonly id: string
  readonly key: string
  readonly latest: Artifact
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type NewArtifact = Omit<Artifact, 'id' | 'createdAt' | 'updatedAt'>
export type ArtifactChanges = Partial<Pick<Artifact, 'data' | 'description' | 'metadata'>>

/** What a run publishes. Its id follows from where the call stands, so that a run that is resumed publishes nothing twice. */
export interface PublishedArtifact {
  readonly id: string
  readonly key: string | null
  readonly type: string
  readonly description: string | null
  /** As JSON. */
  readonly data: string
  readonly flowRunId: string
  readonly taskRunId: string | null
  /** What is there already stays as it is: later calls have changed it since. */
  readonly isFirst: boolean
}

export interface ArtifactPublishing {
  /** Makes it, or brings it up to date. */
  publish(artifact: PublishedArtifact): Promise<void>
}

/** What is not there is `NOT_FOUND`. */
export interface ArtifactOperations extends ArtifactPublishing {
  create(artifact: NewArtifact): Promise<Artifact>
  read(id: string): Promise<Artifact>
  /** The collection of a key. */
  latest(key: string): Promise<ArtifactCollection>
  list(listing: Listing): Promise<readonly Artifact[]>
  listLatest(listing: Listing): Promise<readonly ArtifactCollection[]>
  count(where: Condition): Promise<number>
  countLatest(where: Condition): Promise<number>
  update(id: string, changes: ArtifactChanges): Promise<void>
  /** The collection of its key then shows the artifact before it, or is gone with the last one. */
  remove(id: string): Promise<void>
}

const METADATA_MAX = 500

/** Long values are cut. */
export function shortMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name, value.length > METADATA_MAX ? `${value.slice(0, METADATA_MAX)}...` : value]),
  )
}

const KEY = /^[a-z0-9-]+$/

/** What is wrong with a key, as the end of a sentence; `undefined` when nothing is. */
export function artifactKeyProblem(key: string): string | undefined {
  return KEY.test(key) ? undefined : 'has other characters than lowercase letters, numbers and dashes'
}
