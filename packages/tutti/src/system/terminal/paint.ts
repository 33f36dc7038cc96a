import { stripVTControlCharacters, styleText } from 'node:util'

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'gray' | 'bold'

/** Colours text, or leaves it as it is where nobody sees colours. */
export type Paint = (colour: Colour, text: string) => string

export function painter(colours: boolean): Paint {
  return colours ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text
}

const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u

/** Places text without colours takes on a terminal: East Asian characters and emoji take two. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += WIDE.test(character) ? 2 : 1
  return width
}

/** One line of at most so many places, without colours. */
export function cut(text: string, columns: number): string {
  const line = stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, ' ')
  let width = 0
  let kept = ''
  for (const character of line) {
    width += widthOf(character)
    // The last place stays free: some terminals begin a new line as soon as it is taken.
    if (width > columns - 1) return `${kept}…`
    kept += character
  }
  return kept
}
