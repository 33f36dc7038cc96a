// What the server finds wrong with values, at the places where a form shows it.
import { isTuttiError } from 'tutti/client'
import type { FieldErrors } from '../../parts/schema-form/index.ts'
import { messageOf } from '../../errors.ts'

type Tree = readonly (string | { readonly property: string; readonly errors: Tree } | { readonly index: number; readonly errors: Tree })[]

/** The answer of a validation, by JSON pointer; the first message of each place. */
export function errorsOfTree(tree: Tree, pointer = ''): FieldErrors {
  const errors: Record<string, string> = {}
  for (const node of tree) {
    const found =
      typeof node === 'string'
        ? { [pointer]: node }
        : errorsOfTree(node.errors, `${pointer}/${escaped('index' in node ? String(node.index) : node.property)}`)
    for (const [place, message] of Object.entries(found)) errors[place] ??= message
  }
  return errors
}

const AT_FIELD = /^Validation failed for field '(.*?)'\. Failure reason: ([^]*)$/

/** A refusal of the server that names a field (`a.b.0`), at that field; `undefined` for any other trouble. */
export function errorsOfRefusal(error: unknown): FieldErrors | undefined {
  if (!isTuttiError(error)) return undefined
  const found = AT_FIELD.exec(messageOf(error).replace(/^Error creating flow run: /, ''))
  if (found === null) return undefined
  return { [`/${found[1]!.split('.').map(escaped).join('/')}`]: found[2]! }
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
