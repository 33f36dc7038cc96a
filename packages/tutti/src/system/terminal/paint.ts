import { stripVTControlCharacters, styleText } from 'node:util'

export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'gray' | 'bold'

/** Colours text, or leaves it as it is where nobody sees colours. */
export type Paint = (colour: Colour, text: string) => string

export function painter(colours: boolean): Paint {
  return colours ? (colour, text) => styleText(colour, text, { validateStream: false }) : (_colour, text) => text
}

/** Places a character takes: East Asian and emoji take two. */
function widthOf(character: string): number {
  return /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u.test(
    character,
  )
    ? 2
    : 1
}

/** Cuts text without colours to a number of places. */
export function cut(text: string, columns: number): string {
  let width = 0
  let kept = ''
  for (const character of stripVTControlCharacters(text)) {
    width += widthOf(character)
    if (width > columns - 1) return `${kept}…`
    kept += character
  }
  return kept
}
