import { HIDDEN } from './secret.ts'

/** Shorter values would hide half of every text. */
export const SECRET_LENGTH_MIN = 4
/** Lines of a longer text (a key in PEM) that are secret by themselves; shorter ones are brackets and the like. */
const LINE_LENGTH_MIN = 12

/** A way in which text may hold a value. */
export interface Spelling {
  readonly text: string
  /** Characters of base64 right before and after it that carry some bits of the value, besides bits of its neighbours. */
  readonly before: 0 | 1
  readonly after: 0 | 1
}

/** Every way in which text may hold a value: as it is, as JSON and JSON in JSON, as part of an address or form, in base64. */
export function spellingsOf(value: string): readonly Spelling[] {
  const found = new Map<string, Spelling>()
  for (const text of partsOf(value)) {
    for (const plain of [text, ...escapedJson(text), ...escapedAddress(text)]) add(found, plain, 0, 0)
    for (const encoded of new Set([text, escapeJson(text)])) addBase64(found, encoded)
  }
  return [...found.values()]
}

/** The value, and its lines: programs often print one of them. */
function partsOf(value: string): ReadonlySet<string> {
  const lines = value.split(/\r?\n/).map((line) => line.trim())
  const parts = lines.length === 1 ? [] : lines.filter((line) => line.length >= LINE_LENGTH_MIN)
  return new Set([value, value.trim(), ...parts].filter((part) => part.length >= SECRET_LENGTH_MIN))
}

function add(found: Map<string, Spelling>, text: string, before: 0 | 1, after: 0 | 1): void {
  // What is shown in place of secrets is none.
  if (text.length >= SECRET_LENGTH_MIN && !HIDDEN.includes(text) && !found.has(text)) found.set(text, { text, before, after })
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function escapedJson(text: string): readonly string[] {
  const once = escapeJson(text)
  const twice = escapeJson(once)
  const ascii = once.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  // As Node shows text within an object: in the quotes it does not hold.
  const shown = once
    .replaceAll(String.raw`\"`, '"')
    .replaceAll(/\\u00([0-9a-f]{2})/g, (_, code: string) => String.raw`\x${code.toUpperCase()}`)
  return [once, twice, escapeJson(twice), ascii, shown, shown.replaceAll("'", String.raw`\'`)]
}

function escapedAddress(text: string): readonly string[] {
  const whole = text.toWellFormed()
  const component = encodeURIComponent(whole)
  const strict = component.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  // As the part of an address is written that URLSearchParams makes.
  const form = strict.replaceAll('%20', '+').replaceAll('%2A', '*').replaceAll('~', '%7E')
  const forms = [
    component,
    strict,
    form,
    component.replaceAll('%2F', '/'),
    strict.replaceAll('%2F', '/'),
    encodeURI(whole),
    ...inUrl(whole),
  ]
  return [...forms, ...forms.map(smallCodes)]
}

/** As `URL` writes it in its user, its path and its query. */
function inUrl(text: string): readonly string[] {
  const url = new URL('http://host/')
  url.password = text
  url.search = text
  url.hash = text
  return [url.password, url.search.slice(1), url.hash.slice(1)]
}

/**
 * Base64 of a text in which the value begins at the first, second or third of three bytes: of each the characters that come from the value
 * alone, so that they are found whatever is around it. In both alphabets, and with what addresses make of the one that is not for them.
 */
function addBase64(found: Map<string, Spelling>, text: string): void {
  const bytes = new TextEncoder().encode(text)
  for (const offset of [0, 1, 2] as const) {
    const bits = (offset + bytes.length) * 8
    const first = Math.ceil((offset * 8) / 6)
    const core = base64([...Array.from({ length: offset }, () => 0), ...bytes]).slice(first, Math.floor(bits / 6))
    const after = bits % 6 === 0 ? 0 : 1
    const before = offset === 0 ? 0 : 1
    const coded = encodeURIComponent(core)
    const inAddress = core.replaceAll('+', '-').replaceAll('/', '_')
    for (const each of [core, inAddress, coded, smallCodes(coded)]) add(found, each, before, after)
  }
}

function smallCodes(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Without padding. */
function base64(bytes: readonly number[]): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const three = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    const length = Math.min(3, bytes.length - at) + 1
    for (let index = 0; index < length; index++) text += ALPHABET[(three >> (18 - 6 * index)) & 63]
  }
  return text
}
