/** A pattern for names: `*` stands for anything but a slash, `**` for anything, `?` for one character, `{a,b}` for one of several, `[a-c]`. */
export interface Glob {
  /** What every name that fits begins with; so that only those are asked for. */
  readonly prefix: string
  matches(name: string): boolean
}

const SPECIAL = /[*?{[\\]/

export function parseGlob(pattern: string): Glob {
  const special = SPECIAL.exec(pattern)
  const expression = new RegExp(`^${expressionOf(pattern)}$`, 'su')
  return { prefix: pattern.slice(0, special?.index ?? pattern.length), matches: (name) => expression.test(name) }
}

const TOKEN = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|\[!?[^\]]+\]|\\.|[^]/gu

function expressionOf(pattern: string): string {
  return pattern.replaceAll(TOKEN, (token) => {
    if (token === '**/') return '(?:.*/)?'
    if (token === '**') return '.*'
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    if (token.length > 1 && token.startsWith('{')) return `(?:${token.slice(1, -1).split(',').map(expressionOf).join('|')})`
    if (token.length > 1 && token.startsWith('[')) return setOf(token.slice(1, -1))
    return literal(token.length > 1 && token.startsWith('\\') ? token.slice(1) : token)
  })
}

function setOf(members: string): string {
  const isNegative = members.startsWith('!')
  const escaped = members.slice(isNegative ? 1 : 0).replaceAll(/[\\\]^[&~|]/g, String.raw`\$&`)
  return `[${isNegative ? '^/' : ''}${escaped}]`
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}
