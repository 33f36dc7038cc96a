import type { BlockDocument, BlockSchema, BlockType } from './block.ts'
import type { Condition, Listing } from './condition.ts'
import type { JsonText } from './literal-json.ts'

export type NewBlockType = Pick<BlockType, 'name' | 'slug'> & BlockTypeTexts
export type BlockTypeTexts = Pick<BlockType, 'logoUrl' | 'documentationUrl' | 'description' | 'codeExample'>

/** What is not there is `NOT_FOUND`; the types of the server itself are `FORBIDDEN` to delete. */
export interface BlockTypeOperations {
  /** Throws `ALREADY_EXISTS`. */
  create(type: NewBlockType): Promise<BlockType>
  read(id: string): Promise<BlockType>
  readBySlug(slug: string): Promise<BlockType>
  list(listing: Listing): Promise<readonly BlockType[]>
  update(id: string, changes: Partial<BlockTypeTexts>): Promise<void>
  /** With its schemas and documents. */
  remove(id: string): Promise<void>
  /** Makes the server's own types where they are missing. */
  install(): Promise<void>
}

export interface BlockSchemaView {
  readonly schema: BlockSchema
  readonly type: BlockType
}

export interface NewBlockSchema {
  readonly blockTypeId: string
  readonly fields: JsonText
  readonly capabilities: readonly string[]
  readonly version: string
}

export interface BlockSchemaOperations {
  /** Makes a schema, or gives the one of the same fields and version. Throws `CONFLICT` when a type it refers to is missing. */
  ensure(schema: NewBlockSchema): Promise<{ readonly view: BlockSchemaView; readonly isNew: boolean }>
  read(id: string): Promise<BlockSchemaView>
  /** The newest one where no version is named. */
  readByChecksum(checksum: string, version: string | null): Promise<BlockSchemaView>
  list(listing: Listing): Promise<readonly BlockSchemaView[]>
  /** With its documents. */
  remove(id: string): Promise<void>
  capabilities(): Promise<readonly string[]>
}

/** A document with what it refers to in its place. */
export interface BlockDocumentView {
  readonly document: BlockDocument
  readonly schema: BlockSchema
  readonly type: BlockType
  /** Nothing of one that is locked. */
  readonly data: JsonText
  /** It was sealed with a key that is not there: whoever asks for its secrets is told so. */
  readonly isLocked: boolean
  /** By the member of `data` that they stand in. */
  readonly references: Readonly<Record<string, BlockDocumentView>>
}

export interface NewBlockDocument {
  /** `null`: it is anonymous, and gets one. */
  readonly name: string | null
  readonly isAnonymous: boolean
  readonly data: JsonText
  readonly blockSchemaId: string
  readonly blockTypeId: string
}

export interface BlockDocumentChanges {
  readonly data: JsonText
  readonly blockSchemaId: string | null
  /** Members that are not given stay. */
  readonly merge: boolean
}

/** Whether secrets are told or hidden. */
export type Secrets = 'told' | 'hidden'

export interface BlockDocumentOperations {
  /** Throws `ALREADY_EXISTS`, `CONFLICT` without schema or type, `BAD_REQUEST` when what it refers to is not there. */
  create(document: NewBlockDocument): Promise<BlockDocumentView>
  read(id: string, secrets: Secrets): Promise<BlockDocumentView>
  readByName(slug: string, name: string, secrets: Secrets): Promise<BlockDocumentView>
  list(listing: Listing, secrets: Secrets): Promise<readonly BlockDocumentView[]>
  ofType(slug: string, secrets: Secrets): Promise<readonly BlockDocumentView[]>
  count(where: Condition): Promise<number>
  update(id: string, changes: BlockDocumentChanges): Promise<void>
  remove(id: string): Promise<void>
  /** The block that results are kept in by those who name none. */
  defaultStorage(): Promise<string | null>
  /** Throws `NOT_FOUND`, or `INVALID_REQUEST` when nothing can be written to it. */
  setDefaultStorage(id: string | null): Promise<void>
}
