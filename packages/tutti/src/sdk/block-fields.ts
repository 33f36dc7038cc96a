import type { z } from 'zod'
import { changeAt } from '../core/block.ts'
import type { Change } from '../core/block.ts'
import { TuttiError } from '../core/errors.ts'
import type { AnyBlock } from './block-type.ts'

/** What a field is beyond its zod type. */
export type FieldMark = { readonly kind: 'secret' } | { readonly kind: 'block'; readonly of: AnyBlock }

/** In the definition of a zod type, which every copy of the type shares: `.describe()` and the like make copies. */
const MARK = Symbol.for('tutti.block-field')

type AnyField = z.core.$ZodType

export function mark<T extends AnyField>(field: T, what: FieldMark): T {
  ;(field._zod.def as { [MARK]?: FieldMark })[MARK] = what
  return field
}

export function markOf(field: AnyField): FieldMark | undefined {
  return (field._zod.def as { readonly [MARK]?: FieldMark })[MARK]
}

/** What a type that wraps another one is about: `secret().optional()` is a secret. */
export function unwrapped(field: AnyField): AnyField {
  const def = field._zod.def as unknown as Definition // the definitions of zod's own types have these members
  return markOf(field) === undefined && def.innerType !== undefined ? unwrapped(def.innerType) : field
}

/** The members that definitions of zod's types have, as far as other types stand in them. */
interface Definition {
  readonly type: string
  readonly innerType?: AnyField
  readonly shape?: Readonly<Record<string, AnyField>>
  readonly element?: AnyField
  readonly valueType?: AnyField
  readonly items?: readonly AnyField[]
  readonly options?: readonly AnyField[]
  readonly left?: AnyField
  readonly right?: AnyField
  readonly in?: AnyField
}

interface Marked {
  readonly path: readonly string[]
  readonly mark: FieldMark
}

/** Types within types. */
const DEPTH_MAX = 20

function* marksIn(field: AnyField, path: readonly string[], depth = 0): Generator<Marked> {
  const mark = markOf(field)
  if (mark !== undefined) return yield { path, mark }
  if (depth > DEPTH_MAX) return
  const def = field._zod.def as unknown as Definition // as above
  const next = depth + 1
  for (const inner of [def.innerType, def.left, def.right, def.in, ...(def.options ?? [])])
    if (inner !== undefined) yield* marksIn(inner, path, next)
  for (const [name, inner] of Object.entries(def.shape ?? {})) yield* marksIn(inner, [...path, name], next)
  for (const inner of [def.element, def.valueType]) if (inner !== undefined) yield* marksIn(inner, [...path, '*'], next)
  for (const [index, inner] of (def.items ?? []).entries()) yield* marksIn(inner, [...path, String(index)], next)
}

export interface BlockFields {
  /** Paths of secrets, as the protocol writes them. */
  readonly secrets: readonly string[]
  /** Blocks that members refer to. */
  readonly blocks: ReadonlyMap<string, AnyBlock>
}

/** Throws `INVALID_BLOCK` when a block stands where a document of the protocol cannot refer to one. */
export function fieldsOf(name: string, shape: z.ZodRawShape): BlockFields {
  const secrets = new Set<string>()
  const blocks = new Map<string, AnyBlock>()
  for (const [member, field] of Object.entries(shape)) {
    for (const { path, mark } of marksIn(field, [member])) {
      if (mark.kind === 'secret') secrets.add(path.join('.'))
      else if (path.length === 1 && markOf(unwrapped(field)) === mark) blocks.set(member, mark.of)
      else
        throw new TuttiError(
          'INVALID_BLOCK',
          `the block type ${name} has a block at ${path.join('.')}: a block stands in a member of its own, not in lists, unions or other objects`,
        )
    }
  }
  return { secrets: [...secrets], blocks }
}

export type Data = Readonly<Record<string, unknown>>

/** Changes what lies at the paths. */
export function changeAll(data: Data, paths: readonly string[], change: Change): Data {
  return paths.reduce<Data>((changed, path) => changeAt(changed, path.split('.'), change) as Data, data) // an object stays one
}
