import { HIDDEN } from './secret.ts'
import { SECRET_LENGTH_MIN, spellingsOf } from './secret-spellings.ts'
import type { Spelling } from './secret-spellings.ts'

/** A process that is given a new token each hour must not grow for ever: the oldest values are forgotten. */
export const SECRETS_MAX = 5_000

const BLOCKS = 1 << 16
const BASE64 = /[A-Za-z0-9+/_-]/
/** What base64 ends with, also within an address. */
const PADDING = /(?:=|%3D){1,2}/iy
/** Where somebody has cut a text: with an ellipsis, or as Node shows long texts within an object. */
const CUT = /['"`]?\.\.\. \d+ more character|\s?…/g

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
    let masked = ''
    let copied = 0
    for (const { start, end } of merged(this.#found(text))) {
      masked += text.slice(copied, start) + HIDDEN
      copied = end
    }
    return copied === 0 ? text : masked + text.slice(copied)
  }

  /** Whether a text holds a value in any spelling, or the beginning of one where the text was cut. */
  holds(text: string): boolean {
    if (this.#values.size === 0) return false
    return this.#found(text)[Symbol.iterator]().next().done === false
  }

  /**
   * Masks the beginning of a text that goes on: what could be the beginning of a value is not shown, but given back as the rest.
   *
   * @param hidden - how many of the first characters belong to a value that stands as asterisks in what was shown before.
   */
  maskOpen(text: string, hidden: number): OpenText {
    if (this.#values.size === 0) return { shown: text.slice(hidden), rest: '', hidden: 0 }
    const open = openAt(text, [...this.#values.values()].flat())
    const known = hidden > 0 ? [{ start: 0, end: hidden }] : []
    let shown = ''
    let copied = 0
    for (const { start, end } of merged([...known, ...spans(text, this.#indexed())])) {
      const isKnown = start === 0 && hidden > 0
      if (start >= open && !isKnown) break
      shown += text.slice(copied, start) + (isKnown ? '' : HIDDEN)
      copied = end
      if (end >= open) break
    }
    return { shown: shown + text.slice(copied, open), rest: text.slice(open), hidden: Math.max(0, copied - open) }
  }

  #found(text: string): Iterable<Span> {
    const index = this.#indexed()
    const complete = spans(text, index)
    if (!text.includes('…') && !text.includes(' more character')) return complete
    return [...complete, ...cutSpans(text, index)].sort((a, b) => a.start - b.start)
  }

  #indexed(): Index {
    return (this.#index ??= indexOf([...this.#values.values()].flat()))
  }
}

export interface OpenText {
  readonly shown: string
  /** To be looked at again with what comes next. */
  readonly rest: string
  readonly hidden: number
}

interface Span {
  readonly start: number
  readonly end: number
}

/** In the order of their beginnings; those that overlap become one. */
function* merged(found: Iterable<Span>): Generator<Span> {
  let last: Span | undefined
  for (const span of found) {
    if (last !== undefined && span.start < last.end) {
      last = { start: last.start, end: Math.max(last.end, span.end) }
      continue
    }
    if (last !== undefined) yield last
    last = span
  }
  if (last !== undefined) yield last
}

/** Where the beginning of a spelling stands at the end of a text; the text's length without one. */
function openAt(text: string, spellings: readonly Spelling[]): number {
  const last = text.charCodeAt(text.length - 1)
  let start = text.length
  for (const { text: spelling } of spellings) {
    const shortest = text.length - start + 1
    for (let length = Math.min(spelling.length - 1, text.length); length >= shortest; length--) {
      if (spelling.charCodeAt(length - 1) !== last || !text.endsWith(spelling.slice(0, length))) continue
      start = text.length - length
      break
    }
  }
  return start
}

interface Index {
  /** Of the shortest spelling; the others are looked for by as much of their beginnings. */
  readonly length: number
  /** How far to leap when a pair of characters ends the window. */
  readonly leaps: Uint8Array
  /** By the pair that ends the window, the longest first. */
  readonly candidates: ReadonlyMap<number, readonly Spelling[]>
  /** By their first characters. */
  readonly heads: ReadonlyMap<string, readonly string[]>
  /** Of the longest spelling. */
  readonly lengthMax: number
}

function indexOf(spellings: readonly Spelling[]): Index {
  const length = spellings.reduce((least, { text }) => Math.min(least, text.length), 200)
  const leaps = new Uint8Array(BLOCKS).fill(length - 1)
  const candidates = new Map<number, Spelling[]>()
  const heads = new Map<string, string[]>()
  for (const spelling of spellings) {
    const head = spelling.text.slice(0, SECRET_LENGTH_MIN)
    const alike = heads.get(head)
    if (alike === undefined) heads.set(head, [spelling.text])
    else alike.push(spelling.text)
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
  const lengthMax = spellings.reduce((most, { text }) => Math.max(most, text.length), 0)
  return { length, leaps, candidates, heads, lengthMax }
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

/** What is left of values before the places where somebody has cut the text. */
function* cutSpans(text: string, { heads, lengthMax }: Index): Generator<Span> {
  let from = 0
  for (const { index: end, 0: sign } of text.matchAll(CUT)) {
    for (let start = Math.max(from, end - lengthMax + 1); start + SECRET_LENGTH_MIN <= end; start++) {
      const alike = heads.get(text.slice(start, start + SECRET_LENGTH_MIN))
      if (alike?.some((spelling) => spelling.length > end - start && text.startsWith(spelling.slice(0, end - start), start)) !== true)
        continue
      yield { start, end }
      break
    }
    from = end + sign.length
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
