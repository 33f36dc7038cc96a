/** Zones that are shown at once; more are found by writing more. */
const SHOWN_MAX = 60

/** Those whose name holds each word of a text: `new york`, `wien` finds nothing, `vienna` does. Without one the usual come first. */
export function zonesFor(text: string, all: readonly string[], usual: readonly string[]): readonly string[] {
  const words = text
    .toLowerCase()
    .split(/[\s_/]+/)
    .filter((word) => word !== '')
  const known = [...new Set([...usual, ...all])]
  const found = words.length === 0 ? known : known.filter((zone) => words.every((word) => spoken(zone).includes(word)))
  // What begins with the text, as a city or as a whole, is meant before what only holds it.
  const rank = (zone: string): number =>
    words.length > 0 &&
    spoken(zone)
      .split('/')
      .some((part) => part.startsWith(words[0]!))
      ? 0
      : 1
  return found.toSorted((one, other) => rank(one) - rank(other)).slice(0, SHOWN_MAX)
}

function spoken(zone: string): string {
  return zone.toLowerCase().replaceAll('_', ' ')
}

/** How far its clocks are from UTC at a moment: `UTC+2`, `UTC−3:30`. */
export function offsetOf(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  return name.replace('GMT', 'UTC').replace('-', '−')
}
