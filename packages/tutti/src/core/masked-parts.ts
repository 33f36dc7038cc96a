import type { SecretMask } from './secret-mask.ts'

/** Masks a text that comes in parts: a value may begin in one and end in another. */
export class MaskedParts {
  readonly #mask: SecretMask
  #rest = ''
  #hidden = 0

  constructor(mask: SecretMask) {
    this.#mask = mask
  }

  /** What can be shown by now; what could be the beginning of a value waits for the next part. */
  push(part: string): string {
    const { shown, rest, hidden } = this.#mask.maskOpen(this.#rest + part, this.#hidden)
    this.#rest = rest
    this.#hidden = hidden
    return shown
  }

  /** All that is left, with the last part. The next one begins another text. */
  end(part: string): string {
    const shown = this.push(part)
    const left = this.#rest.slice(this.#hidden)
    this.#rest = ''
    this.#hidden = 0
    return shown + this.#mask.mask(left)
  }
}
