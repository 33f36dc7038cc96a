import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/** Something that must not hold a secret. */
export interface Place {
  readonly name: string
  readonly content: Buffer | string
}

export interface Planted {
  readonly name: string
  readonly value: string
}

/**
 * Looks for secrets in the spellings in which they get out. Made apart from the mask it is to check: what both had forgotten would not be
 * found. Answers with `secret in place, spelling`.
 */
export function hunt(places: readonly Place[], secrets: readonly Planted[]): readonly string[] {
  const found: string[] = []
  for (const { name, content } of places) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (const secret of secrets) {
      for (const [spelling, text] of Object.entries(spellings(secret.value))) {
        if (bytes.includes(text)) found.push(`${secret.name} in ${name}, ${spelling}`)
      }
    }
  }
  return found
}

function spellings(value: string): Readonly<Record<string, string>> {
  const json = JSON.stringify(value).slice(1, -1)
  const half = Math.floor(value.length / 2)
  return {
    plain: value,
    'its first half': value.slice(0, half),
    'its second half': value.slice(half),
    'its first half as Node shows it': value.slice(0, half).replaceAll('\\', '\\\\'),
    'the first half JSON-escaped': JSON.stringify(value.slice(0, half)).slice(1, -1),
    'URL-encoded': encodeURIComponent(value),
    'in a form': new URLSearchParams({ '': value }).toString().slice(1),
    'JSON-escaped': json,
    'JSON in JSON': JSON.stringify(json).slice(1, -1),
    ...Object.fromEntries([0, 1, 2].map((before) => [`base64 at ${before}`, middle(value, before, 'base64')])),
    ...Object.fromEntries([0, 1, 2].map((before) => [`base64url at ${before}`, middle(value, before, 'base64url')])),
  }
}

/** Of base64 in which the value stands behind some other characters, what comes from the value alone. */
function middle(value: string, before: number, alphabet: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)])
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString(alphabet)
  return before === 0 ? whole : whole.slice(4)
}

/** Every file below a folder. */
export async function filesOf(folder: string): Promise<readonly Place[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map(async (file) => ({ name: path.relative(folder, file), content: await readFile(file) })),
  )
}
