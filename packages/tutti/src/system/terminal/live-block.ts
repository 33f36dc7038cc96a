import { widthOf } from './paint.ts'
import type { Screen } from './screen.ts'

/** Lines at the bottom of a terminal that change in place, while other lines go up above them. */
export class LiveBlock {
  readonly #screen: Screen
  readonly #text: () => readonly string[]
  #shown: readonly string[] = []
  #atLineStart = true
  #unwatch: (() => void) | undefined

  constructor(screen: Screen, text: () => readonly string[]) {
    this.#screen = screen
    this.#text = text
  }

  /** Writes lines above the block. */
  print(lines: string): void {
    // Somebody left a line unfinished: it is kept, and ours begin below it.
    this.#screen.err(`${this.#erasing()}${this.#atLineStart ? '' : '\n'}${lines}\n`)
    this.#atLineStart = true
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
    if (!this.#atLineStart) this.#screen.err('\n')
    this.#atLineStart = true
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  #paint(): void {
    // Somebody is in the middle of a line: what is painted now would be torn.
    if (!this.#atLineStart || this.#unwatch === undefined) return
    const lines = this.#text()
    this.#shown = lines
    if (lines.length > 0) this.#screen.err(`${lines.join('\n')}\n`)
  }

  #erase(): void {
    const text = this.#erasing()
    if (text !== '') this.#screen.err(text)
  }

  /** Up to the block's first line, then everything from there to the end of the screen is erased. */
  #erasing(): string {
    if (this.#shown.length === 0) return ''
    // A terminal that has become narrower shows a line on several.
    const { columns } = this.#screen
    const rows = this.#shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0)
    this.#shown = []
    return `\u001B[${rows}F\u001B[0J`
  }
}
