import type { Screen } from './screen.ts'

/** Lines at the bottom of a terminal that change in place, while other lines go up above them. */
export class LiveBlock {
  readonly #screen: Screen
  readonly #text: () => readonly string[]
  #shown = 0
  #atLineStart = true
  #unwatch: (() => void) | undefined

  constructor(screen: Screen, text: () => readonly string[]) {
    this.#screen = screen
    this.#text = text
  }

  /** Writes lines above the block. */
  print(lines: string): void {
    this.#screen.err(`${this.#erasing()}${lines}\n`)
    this.#paint()
  }

  repaint(): void {
    this.#unwatch ??= this.#screen.watch(
      () => this.#erase(),
      (atLineStart) => {
        this.#atLineStart = atLineStart
      },
    )
    this.#erase()
    this.#paint()
  }

  /** Takes the block away and leaves the terminal to others. */
  end(): void {
    this.#erase()
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  #paint(): void {
    // Somebody is in the middle of a line: what is painted now would be torn.
    if (!this.#atLineStart || this.#unwatch === undefined) return
    const lines = this.#text()
    this.#shown = lines.length
    if (lines.length > 0) this.#screen.err(`${lines.join('\n')}\n`)
  }

  #erase(): void {
    const text = this.#erasing()
    if (text !== '') this.#screen.err(text)
  }

  /** Up to the block's first line, then everything from there to the end of the screen is erased. */
  #erasing(): string {
    const text = this.#shown === 0 ? '' : `\u001B[${this.#shown}F\u001B[0J`
    this.#shown = 0
    return text
  }
}
