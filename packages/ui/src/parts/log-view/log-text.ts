import { ansiSpans } from './ansi.ts'
import type { AnsiSpan } from './ansi.ts'

export interface TextPiece extends AnsiSpan {
  /** It is what was searched for. */
  readonly isMatch?: boolean
  readonly href?: string
}

const LINK = /https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}]/g

/** A message in the pieces in which it is drawn: looks, links, and what was searched for. */
export function textPieces(message: string, searched: string): readonly TextPiece[] {
  const spans = ansiSpans(message)
  const text = spans.map((span) => span.text).join('')
  const marks = matchesOf(text, searched)
  const links = [...text.matchAll(LINK)].map(({ index, 0: href }) => ({ from: index, to: index + href.length, href }))
  if (marks.length === 0 && links.length === 0) return spans
  const cuts = [...new Set([...marks, ...links].flatMap(({ from, to }) => [from, to]))].toSorted((one, other) => one - other)
  const pieces: TextPiece[] = []
  let start = 0
  for (const span of spans) {
    const end = start + span.text.length
    const places = [start, ...cuts.filter((cut) => cut > start && cut < end), end]
    for (const [at, from] of places.slice(0, -1).entries()) {
      const to = places[at + 1]!
      const isMatch = marks.some((mark) => mark.from <= from && to <= mark.to)
      const href = links.find((link) => link.from <= from && to <= link.to)?.href
      pieces.push({
        ...span,
        text: text.slice(from, to),
        ...(isMatch ? { isMatch } : undefined),
        ...(href === undefined ? undefined : { href }),
      })
    }
    start = end
  }
  return pieces
}

interface Range {
  readonly from: number
  readonly to: number
}

const MATCHES_MAX = 200

function matchesOf(text: string, searched: string): readonly Range[] {
  if (searched === '') return []
  const [haystack, needle] = [text.toLowerCase(), searched.toLowerCase()]
  const found: Range[] = []
  for (let at = haystack.indexOf(needle); at !== -1 && found.length < MATCHES_MAX; at = haystack.indexOf(needle, at + needle.length))
    found.push({ from: at, to: at + needle.length })
  return found
}
