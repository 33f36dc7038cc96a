/** What is wrong with a template, and where. */
export interface TemplateError {
  readonly line: number
  readonly message: string
}

const CLOSING: Readonly<Record<string, string>> = { '{{': '}}', '{%': '%}', '{#': '#}' }

/** Looks whether whatever a template opens is closed; `undefined`: it can be read. */
export function templateError(template: string): TemplateError | undefined {
  let at = 0
  for (;;) {
    const found = /\{\{|\{%|\{#/.exec(template.slice(at))
    if (found === null) return undefined
    const start = at + found.index
    const closing = CLOSING[found[0]] ?? ''
    const end = template.indexOf(closing, start + 2)
    const line = template.slice(0, start).split('\n').length
    if (end < 0) return { line, message: `${found[0]} is not closed by ${closing}` }
    if (found[0] !== '{#' && template.slice(start + 2, end).trim() === '')
      return { line, message: `there is nothing between ${found[0]} and ${closing}` }
    at = end + 2
  }
}
