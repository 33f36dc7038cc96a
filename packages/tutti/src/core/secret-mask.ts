import { HIDDEN } from './secret.ts'
import { SECRET_LENGTH_MIN, spellingsOf } from './secret-spellings.ts'
import type { Spelling } from './secret-spellings.ts'

/** A process that is given a new token each hour must not grow for ever: the oldest values are forgotten. */
export const SECRETS_MAX = 5_000

const BLOCKS = 1 << 16
const BASE64 = /[A-Za-z0-9+/_-]/
/** What base64 ends with, also within an address. */
const PADDING = /(?:=|%3D){1,2}/iy

/**
 * Replaces the values it was told by eight asterisks, wherever and in whichever spelling a text holds them.
 *
 * It looks at pairs of characters, from the end of the shortest spelling on, and leaps over as many as the pair allows (Wu and Manber's
 * search): how many values there are hardly matters. A regular expression of all spellings took thirty times as long.
 */
export class SecretMask {
  /** With their spellings. */
  readonly #values = new Map<string, readonly Spelling[]>()
  #index: Index | undefined

  /** Whether there is anything to look for. */
  get isEmpty(): boolean {
    return this.#values.size === 0
  }

  /** The oldest first. */
  get values(): readonly string[] {
    return [...this.#values.keys()]
  }

  /** `false` when it is too short to be looked for, or known. */
  add(value: string): boolean {
    if (value.length < SECRET_LENGTH_MIN || this.#values.has(value)) return false
    this.#values.set(value, spellingsOf(value))
    if (this.#values.size > SECRETS_MAX) this.#values.delete(this.#values.keys().next().value!) // there is one
    this.#index = undefined
    return true
  }

  mask(text: string): string {
    if (this.#values.size === 0) return text
    const index = this.#indexed()
    if (text.length < index.length) return text
    let masked = ''
    let copied = 0
    let hidden: Span | undefined
    for (const span of spans(text, index)) {
      if (hidden !== undefined && span.start < hidden.end) {
        hidden = { start: hidden.start, end: Math.max(hidden.end, span.end) }
        continue
      }
      if (hidden !== undefined) {
        masked += text.slice(copied, hidden.start) + HIDDEN
        copied = hidden.end
      }
      hidden = span
    }
    if (hidden === undefined) return text
    return masked + text.slice(copied, hidden.start) + HIDDEN + text.slice(hidden.end)
  }

  /** Whether a text holds a value in any spelling. */
  holds(text: string): boolean {
    if (this.#values.size === 0) return false
    return spans(text, this.#indexed()).next().done === false
  }

  #indexed(): Index {
    return (this.#index ??= indexOf([...this.#values.values()].flat()))
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

interface Index {
  /** Of the shortest spelling; the others are looked for by as much of their beginnings. */
  readonly length: number
  /** How far to leap when a pair of characters ends the window. */
  readonly leaps: Uint8Array
  /** By the pair that ends the window, the longest first. */
  readonly candidates: ReadonlyMap<number, readonly Spelling[]>
}

function indexOf(spellings: readonly Spelling[]): Index {
  const length = spellings.reduce((least, { text }) => Math.min(least, text.length), 200)
  const leaps = new Uint8Array(BLOCKS).fill(length - 1)
  const candidates = new Map<number, Spelling[]>()
  for (const spelling of spellings) {
    for (let at = 1; at < length; at++) {
      const block = blockAt(spelling.text, at)
      leaps[block] = Math.min(leaps[block]!, length - 1 - at)
    }
    const last = blockAt(spelling.text, length - 1)
    const known = candidates.get(last)
    if (known === undefined) candidates.set(last, [spelling])
    else known.push(spelling)
  }
  for (const each of candidates.values()) each.sort((a, b) => b.text.length - a.text.length)
  return { length, leaps, candidates }
}

function blockAt(text: string, at: number): number {
  return ((text.charCodeAt(at - 1) << 5) ^ text.charCodeAt(at)) & (BLOCKS - 1)
}

/** Where a text holds something, in the order of the beginnings; they may overlap. */
function* spans(text: string, { length, leaps, candidates }: Index): Generator<Span> {
  let at = length - 1
  while (at < text.length) {
    const block = blockAt(text, at)
    const leap = leaps[block]!
    if (leap > 0) {
      at += leap
      continue
    }
    const start = at - length + 1
    const found = candidates.get(block)?.find((each) => text.startsWith(each.text, start))
    if (found !== undefined) yield spanOf(text, start, found)
    at += 1
  }
}

function spanOf(text: string, start: number, { text: { length }, before, after }: Spelling): Span {
  // The `n` of a line break written as `\n` is no character of base64.
  const isPart = before === 1 && start > 0 && BASE64.test(text[start - 1]!) && text[start - 2] !== '\\'
  let end = start + length
  if (after === 1) {
    if (BASE64.test(text[end] ?? '')) end += 1
    PADDING.lastIndex = end
    end += PADDING.exec(text)?.[0].length ?? 0
  }
  return { start: isPart ? start - 1 : start, end }
}
