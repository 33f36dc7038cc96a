import type { NewBlockType, Secrets } from './block-operations.ts'
import type { Page } from './query.ts'
import type { Instant } from './time.ts'

/** A block type as code declares it, with the schema of its fields. */
export interface BlockDefinition extends NewBlockType {
  /** JSON Schema, as JSON. */
  readonly fields: string
  readonly capabilities: readonly string[]
  readonly version: string
}

/** Declared types, those that others refer to first; the last one is the one that is meant. */
export type BlockDefinitions = readonly BlockDefinition[]

export interface RegisteredBlock {
  readonly typeId: string
  readonly schemaId: string
  readonly checksum: string
}

/** A block that stands in a member of another one. */
export interface BlockReference {
  readonly id: string
  readonly slug: string
  readonly name: string
  /** By the member they stand in. */
  readonly references: Readonly<Record<string, BlockReference>>
}

export interface StoredBlock extends BlockReference {
  readonly typeName: string
  /** As JSON, with what it refers to in its place; without anything when it is locked. */
  readonly data: string
  /** It was sealed with a key that is not there. */
  readonly isLocked: boolean
  /** The schema it was saved with, as JSON. */
  readonly fields: string
  readonly checksum: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export interface BlockToSave {
  /** What a new block is known by, so that a request that is repeated saves once. `null`: it is given one. */
  readonly id: string | null
  readonly slug: string
  readonly name: string
  /** As JSON. A secret that is hidden stays as it is when a block is saved over. */
  readonly data: string
  /** Registered with it. None: it has the newest schema of its type. */
  readonly types: BlockDefinitions
  /** Whether a block of that name may be there already. */
  readonly overwrite: boolean
}

/** Of one type or of all, by type and name. */
export interface BlockQuery {
  readonly slug?: string
  /** 1 to 200. */
  readonly limit: number
  readonly cursor?: string
}

export interface StoredBlockType extends NewBlockType {
  readonly id: string
  readonly isProtected: boolean
  /** The newest schema, as JSON; `null`: it has none. */
  readonly fields: string | null
  readonly capabilities: readonly string[]
}

/** Blocks as processes use them: by type and name. Errors: `SECRETS_LOCKED`, but only where secrets are told or changed. */
export interface BlockAccess {
  /** Makes types and schemas, or finds them; what is said about a type is brought up to date. */
  register(types: BlockDefinitions): Promise<RegisteredBlock>
  /** `null`: there is none. */
  find(slug: string, name: string, secrets: Secrets): Promise<StoredBlock | null>
  /** Throws `ALREADY_EXISTS`, `NOT_FOUND` without its type, `BAD_REQUEST` when what it refers to is not there. */
  save(block: BlockToSave): Promise<StoredBlock>
  /** With their secrets hidden. */
  list(query: BlockQuery): Promise<Page<StoredBlock>>
  /** `false`: there was none. */
  remove(slug: string, name: string): Promise<boolean>
  types(query: Pick<BlockQuery, 'limit' | 'cursor'>): Promise<Page<StoredBlockType>>
  /** `null`: there is none. */
  findType(slug: string): Promise<StoredBlockType | null>
  /** With its blocks. `false`: there was none. Throws `FORBIDDEN` for the server's own. */
  removeType(slug: string): Promise<boolean>
}

export const BLOCKS_PER_PAGE_MAX = 200
