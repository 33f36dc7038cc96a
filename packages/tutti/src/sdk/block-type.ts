import type { z } from 'zod'
import type { BlockDefinitions, BlockReference } from '../core/block-access.ts'
import type { JsonSchema } from '../core/parameters.ts'

export interface BlockTexts {
  readonly description?: string
  /** An image that is shown with it. */
  readonly logoUrl?: string
  readonly documentationUrl?: string
  /** Shown to whoever wants to use a block of this type. */
  readonly codeExample?: string
  /** What others may rely on, as `read-path` and `write-path`. */
  readonly capabilities?: readonly string[]
  /** Of the schema, where versions of it are told apart. Default `non-versioned`. */
  readonly version?: string
}

export interface BlockOptions<Shape extends z.ZodRawShape, Value> extends BlockTexts {
  /** Shown to people, and unique. */
  readonly name: string
  /** What the type is known by. Default: the name in lower case, with dashes. */
  readonly slug?: string
  /** zod types by member; `secret()` for what is kept secret, `block(Other)` for another block. */
  readonly fields: Shape
  /** Makes what `load()` gives, of the fields with their defaults. Without it, these are what it gives. */
  readonly create?: (fields: z.output<z.ZodObject<Shape>>, about: BlockAbout) => Value
}

export interface BlockAbout {
  /** `null`: the block is not saved, or stands inside another one. */
  readonly name: string | null
}

export interface SaveOptions {
  /** Whether a block of that name may be there already. Default `false`. */
  readonly overwrite?: boolean
}

/** A kind of configuration, as `defineBlock()` gives it: saved blocks of it are known by their names. */
export interface BlockType<Input, Value> {
  readonly typeName: string
  readonly slug: string
  /**
   * A saved block, with everything it refers to.
   *
   * @throws `BLOCK_NOT_FOUND`; `INVALID_BLOCK` when what is saved does not fit the fields; `SECRET_UNRESOLVED` when a secret that is kept
   *   elsewhere is not there.
   */
  load(name: string): Promise<Awaited<Value>>
  /**
   * Saves a block, its type and its schema. What is left out is as the fields' defaults say.
   *
   * @param name - lowercase letters, numbers and dashes.
   * @throws `INVALID_BLOCK`; `ALREADY_EXISTS` without `overwrite`; `BLOCK_NOT_FOUND` for the name of another block.
   */
  save(name: string, fields: Input, options?: SaveOptions): Promise<void>
  /** What `load()` would give for these fields; nothing is saved. Throws `INVALID_BLOCK`. */
  of(fields: Input): Value
  /** Saves the type and its schema, so that blocks of it can be made on the dashboard and by the command. */
  register(): Promise<void>
  /** Deletes a saved block. `false`: there was none. */
  delete(name: string): Promise<boolean>
  /** The fields as JSON Schema, in the form of the protocol. */
  schema(): JsonSchema
}

/** Some block type, for who does not know its fields. */
export type AnyBlock = BlockType<never, unknown>

/** What a block type does for others of this package. */
export interface BlockInside {
  readonly definitions: () => BlockDefinitions
  /** A block that is given inside another one, as it is stored. */
  readonly encode: (input: unknown) => Readonly<Record<string, unknown>>
  /** What is made of a block that was loaded. */
  readonly make: (saved: SavedFields) => Promise<unknown>
}

/** Of a block that was loaded: its data, and what it refers to. */
export interface SavedFields {
  readonly name: string | null
  readonly id: string | null
  readonly data: Readonly<Record<string, unknown>>
  readonly references: Readonly<Record<string, BlockReference>>
}
