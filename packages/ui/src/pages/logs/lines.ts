/** Pages of lines, the newest first, as one list, the oldest first: as a log is read. Pages may overlap when lines came meanwhile. */
export function linesInOrder<Line extends { readonly id: string }>(pages: readonly { readonly lines: readonly Line[] }[]): readonly Line[] {
  const byId = new Map<string, Line>()
  for (const page of pages) for (const line of page.lines) byId.set(line.id, line)
  return [...byId.values()].toReversed()
}
