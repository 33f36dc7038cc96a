// What programs write for terminals: colours are kept, everything else of that kind is dropped.

export interface AnsiSpan {
  readonly text: string
  /** One of the eight colours of terminals, plain or bright; or a colour as CSS says it. */
  readonly color?: string
  readonly background?: string
  readonly isBold?: boolean
  readonly isDim?: boolean
  readonly isItalic?: boolean
  readonly isUnderlined?: boolean
}

type Style = Omit<AnsiSpan, 'text'>

const SEQUENCE =
  // oxlint-disable-next-line no-control-regex -- escape sequences are made of characters that nobody sees
  /\u001B(?:\[([\d;:]*)([@-~])|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])|[\u0000-\u0008\u000B-\u001A\u001C-\u001F\u007F]/g

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const

/** Text in pieces of one look each; a text without any is one piece. */
export function ansiSpans(text: string): readonly AnsiSpan[] {
  const spans: AnsiSpan[] = []
  let style: Style = {}
  let from = 0
  const add = (to: number): void => {
    if (to > from) spans.push({ text: text.slice(from, to), ...style })
  }
  for (const match of text.matchAll(SEQUENCE)) {
    add(match.index)
    from = match.index + match[0].length
    if (match[2] === 'm') style = restyled(style, match[1] ?? '')
  }
  add(text.length)
  return spans
}

/** What is read, and copied: without the sequences. */
export function withoutAnsi(text: string): string {
  return text.replaceAll(SEQUENCE, '')
}

function restyled(before: Style, parameters: string): Style {
  let style: Record<string, unknown> = { ...before }
  const codes = parameters.split(/[;:]/).map((code) => Number(code === '' ? '0' : code))
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at]!
    if (code === 38 || code === 48) {
      const { color, used } = extendedColor(codes.slice(at + 1))
      if (color !== undefined) style[code === 38 ? 'color' : 'background'] = color
      at += used
    } else if (code === 0) style = {}
    else style = withCode(style, code)
  }
  return style as Style // written by `withCode`
}

const SETS: Readonly<Record<number, string>> = { 1: 'isBold', 2: 'isDim', 3: 'isItalic', 4: 'isUnderlined' }
const ENDS: Readonly<Record<number, readonly string[]>> = {
  22: ['isBold', 'isDim'],
  23: ['isItalic'],
  24: ['isUnderlined'],
  39: ['color'],
  49: ['background'],
}

function withCode(style: Record<string, unknown>, code: number): Record<string, unknown> {
  const sets = SETS[code]
  if (sets !== undefined) return { ...style, [sets]: true }
  const ends = ENDS[code]
  if (ends !== undefined) return Object.fromEntries(Object.entries(style).filter(([name]) => !ends.includes(name)))
  const index = code % 10
  const tens = code - index
  if (index > 7) return style
  if (tens === 30 || tens === 90) return { ...style, color: nameOf(index, tens === 90) }
  if (tens === 40 || tens === 100) return { ...style, background: nameOf(index, tens === 100) }
  return style
}

function nameOf(index: number, isBright: boolean): string {
  return `var(--ansi-${isBright ? 'bright-' : ''}${NAMES[index]})`
}

/** `38;5;N` and `38;2;R;G;B`. */
function extendedColor(rest: readonly number[]): { readonly color?: string; readonly used: number } {
  const [kind, ...values] = rest
  if (kind === 2) {
    const [red = 0, green = 0, blue = 0] = values
    return { color: `rgb(${red} ${green} ${blue})`, used: 4 }
  }
  if (kind !== 5) return { used: 0 }
  const index = values[0] ?? 0
  return { color: indexedColor(index), used: 2 }
}

const CUBE = [0, 95, 135, 175, 215, 255] as const

function indexedColor(index: number): string {
  if (index < 16) return nameOf(index % 8, index >= 8)
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey} ${grey} ${grey})`
  }
  const at = index - 16
  return `rgb(${CUBE[Math.floor(at / 36) % 6]} ${CUBE[Math.floor(at / 6) % 6]} ${CUBE[at % 6]})`
}
