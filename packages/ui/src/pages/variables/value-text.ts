import { parseJson, Unreadable } from '../../parts/schema-form/unreadable.ts'

export type ReadValue = { readonly value: unknown } | { readonly problem: string }

const VALUE_MAX = 5_000

export const KINDS = ['text', 'number', 'yes or no', 'JSON'] as const
export type Kind = (typeof KINDS)[number]

/** The kind that a form begins with: what has parts, and null, is written as JSON. */
export function formKind(value: unknown): Kind {
  const kind = kindOf(value)
  return kind === 'text' || kind === 'number' || kind === 'yes or no' ? kind : 'JSON'
}

/** What somebody typed as a value of a kind. */
export function readValue(text: string, kind: Kind): ReadValue {
  const read = readAs(text, kind)
  if ('problem' in read) return read
  const { length } = JSON.stringify(read.value)
  return length > VALUE_MAX ? { problem: `A value has at most ${VALUE_MAX} characters as JSON; this one has ${length}.` } : read
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function readAs(text: string, kind: Kind): ReadValue {
  const trimmed = text.trim()
  switch (kind) {
    case 'text':
      return { value: text }
    case 'number':
      if (!NUMBER.test(trimmed)) return { problem: trimmed === '' ? 'Type a number.' : 'This is no number: 500, -3 and 0.25 are.' }
      return { value: Number(trimmed) }
    case 'yes or no':
      return { value: trimmed === 'true' }
    case 'JSON': {
      const value = parseJson(text)
      if (value === undefined) return { problem: 'Type a list or an object: ["eu", "us"], {"fastLoad": true}.' }
      return value instanceof Unreadable ? { problem: value.problem } : { value }
    }
  }
}

/** The text that stands for a value in the form of a kind; of another kind what is most like it. */
export function writeValue(value: unknown, kind: Kind): string {
  if (kind === 'text') return typeof value === 'string' ? value : JSON.stringify(value)
  if (kind === 'JSON') return JSON.stringify(value, null, 2)
  return String(value)
}

const NAME = /^[a-z0-9_-]+$/

export function nameProblem(name: string): string | undefined {
  if (name === '') return 'Give it a name.'
  if (name.length > 255) return 'A name has at most 255 characters.'
  return NAME.test(name) ? undefined : 'Lowercase letters, numbers, dashes and underscores only.'
}

/** Text between commas, each once. */
export function readTags(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    ),
  ]
}

/** What kind of value it is, in a word. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  return WORDS[typeof value] ?? 'object'
}

const WORDS: Readonly<Record<string, string>> = { string: 'text', number: 'number', boolean: 'yes or no' }

const TYPES: Readonly<Record<string, string>> = { string: 'string', number: 'number', boolean: 'boolean' }

function typeOf(value: unknown): string {
  if (!Array.isArray(value)) return TYPES[typeof value] ?? 'unknown'
  const types = [...new Set(value.map((each: unknown) => TYPES[typeof each] ?? 'unknown'))]
  return types.length === 1 ? `${types[0]}[]` : 'unknown[]'
}

export interface VariableCode {
  readonly typescript: string
  readonly python: string
  readonly command: string
}

/** How it is read. */
export function codeOf(name: string, value: unknown): VariableCode {
  return {
    typescript: `import { variable } from 'tutti'\n\nconst value = await variable.get<${typeOf(value)}>('${name}')`,
    python: `from prefect.variables import Variable\n\nvalue = Variable.get("${name}")`,
    command: `tutti variable get ${name}`,
  }
}
