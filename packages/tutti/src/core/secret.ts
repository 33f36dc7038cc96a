/** What is shown in place of a secret; its length says nothing about the secret's. */
export const HIDDEN = '********'

const BRAND = Symbol.for('tutti.secret')
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** Text that shows itself to nobody who does not ask for it: whatever else is done with it gives eight asterisks, or fails. */
export class HiddenText {
  /** The value itself, for the call that needs it. */
  // A function of the object itself, so that nothing can be read from the object, and a structured clone of it fails instead of losing it.
  readonly reveal: () => string

  constructor(value: string) {
    if (typeof value !== 'string') throw new TypeError('a secret is made of text')
    this.reveal = () => value
  }

  /** Whether both hold the same value. */
  equals(other: HiddenText): boolean {
    return isSecret(other) && other.reveal() === this.reveal()
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN
  }

  [INSPECT](): string {
    return HIDDEN
  }

  get [BRAND](): true {
    return true
  }
}

/** Also of another copy of the package. */
export function isSecret(value: unknown): value is HiddenText {
  return typeof value === 'object' && value !== null && BRAND in value
}
