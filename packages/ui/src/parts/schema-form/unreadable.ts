/** What somebody typed where JSON is expected, and which is none yet: kept in its place, and told as an error there. */
export class Unreadable {
  readonly text: string
  readonly problem: string

  constructor(text: string, problem: string) {
    this.text = text
    this.problem = problem
  }
}

/** The value that a text is; an `Unreadable` when it is none. Nothing but spaces is no value. */
export function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return new Unreadable(text, problemIn(text))
  }
}

/** Where it stops being JSON: browsers say it each in its own way, or not at all. */
function problemIn(text: string): string {
  const at = endOfSense(text)
  const lines = text.slice(0, at).split('\n')
  const where = `line ${lines.length}, column ${lines.at(-1)!.length + 1}`
  const found = /^(?:[\p{L}\d_]+|[^]?)/u.exec(text.slice(at))?.[0] ?? ''
  return found === '' ? `This is no JSON yet: it ends too early (${where}).` : `This is no JSON: unexpected ${found} at ${where}.`
}

const TOKEN =
  /\s*(?:([[\]{},:])|"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y

/** The place of the first token that may not stand where it stands. */
function endOfSense(text: string): number {
  const open: ('{' | '[')[] = []
  let expected: 'value' | 'first' | 'key' | 'colon' | 'after' = 'value'
  let at = 0
  for (;;) {
    const start = at + /^\s*/.exec(text.slice(at))![0].length
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    if (found === null) return start
    const mark = found[1]
    const isText = text[start] === '"'
    at = TOKEN.lastIndex
    const inner = open.at(-1)
    if (mark === '}' || mark === ']') {
      const isClosing = inner === (mark === '}' ? '{' : '[') && (expected === 'after' || expected === 'first')
      if (!isClosing) return start
      open.pop()
      expected = 'after'
    } else if (expected === 'after') {
      if (mark !== ',' || inner === undefined) return start
      expected = inner === '{' ? 'key' : 'value'
    } else if (expected === 'colon') {
      if (mark !== ':') return start
      expected = 'value'
    } else if (expected === 'key' || (expected === 'first' && inner === '{')) {
      if (!isText) return start
      expected = 'colon'
    } else if (mark === '{' || mark === '[') {
      open.push(mark)
      expected = 'first'
    } else if (mark === undefined) expected = 'after'
    else return start
  }
}

export function writeJson(value: unknown): string {
  if (value === undefined) return ''
  return value instanceof Unreadable ? value.text : JSON.stringify(value, null, 2)
}
