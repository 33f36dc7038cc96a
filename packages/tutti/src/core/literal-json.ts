/**
 * JSON of users that must come back as it was sent: `1.0` stays `1.0`, integers beyond 2^53 survive. Python clients and the checksums of
 * block schemas see the difference that a number of JavaScript loses.
 */

/** A number whose spelling matters, as `JSON.rawJSON` makes it; `JSON.stringify` writes it literally. */
export interface RawNumber {
  readonly rawJSON: string
}

/** `JSON` as the runtime has it; the declarations of this TypeScript do not know these two functions. */
const literal = JSON as unknown as {
  rawJSON(text: string): RawNumber
  isRawJSON(value: unknown): value is RawNumber
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
}

/**
 * Spellings that may be lost: a fraction that ends in zero, has 16 digits with its integer, or is below 10^-6 (JavaScript writes an exponent), an
 * exponent, an integer that may be beyond 2^53, minus zero. Looked for where a value begins; what looks like one inside a text costs time, not
 * truth.
 */
const MAY_BE_LOST = /(?:^|[:[,])\s*-?(?:\d+\.\d*0(?!\d)|(?=[\d.]{17})\d+\.\d|0\.0{6}|\d+(?:\.\d+)?[eE]|\d{17}|9\d{15}|(?<=-)0(?![.\d]))/

/** Parses JSON and keeps the spelling of numbers that JavaScript would write differently. Throws `SyntaxError`. */
export function parseLiterally(text: string): unknown {
  if (!MAY_BE_LOST.test(text)) return JSON.parse(text)
  return literal.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? literal.rawJSON(source) : value,
  )
}

export function isRawNumber(value: unknown): value is RawNumber {
  return literal.isRawJSON(value)
}

/** Numbers as JavaScript's own, for whoever computes with them. */
export function plainJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (isRawNumber(value)) return Number(value.rawJSON)
  if (Array.isArray(value)) return value.map(plainJson)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plainJson(member)]))
}

/** JSON text that is carried from the wire to the store and back without being read. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** Of a parsed value; numbers that were parsed literally are written as they stood. */
  static of(value: unknown): JsonText {
    return new JsonText(JSON.stringify(value) ?? 'null')
  }

  /** The value with JavaScript's numbers. */
  plain(): unknown {
    return JSON.parse(this.text)
  }

  /** What `JSON.stringify` writes for it: the text, literally. */
  toJSON(): unknown {
    return parseLiterally(this.text)
  }
}
