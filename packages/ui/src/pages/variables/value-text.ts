export type ReadValue = { readonly value: unknown; readonly note?: string } | { readonly problem: string }

const VALUE_MAX = 5_000

/** What somebody typed as a value: JSON. A bare word is taken for the text it most likely is. */
export function readValue(text: string): ReadValue {
  const trimmed = text.trim()
  if (trimmed === '') return { problem: 'Type a value: a number, "text" in quotes, true, a list or an object.' }
  if (trimmed.length > VALUE_MAX) return { problem: `A value has at most ${VALUE_MAX} characters; this one has ${trimmed.length}.` }
  try {
    return { value: JSON.parse(trimmed) as unknown }
  } catch {
    if (/^[[{"]/.test(trimmed))
      return { problem: 'This is no JSON yet: look for a bracket, a quote or a comma that is missing or too much.' }
    return { value: trimmed, note: `Will be the text ${JSON.stringify(trimmed)}.` }
  }
}

export function writeValue(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? ''
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

/** The line of code that reads it. */
export function referenceTo(name: string): string {
  return `const { value } = await client.variables.readByName({ name: '${name}' })`
}
