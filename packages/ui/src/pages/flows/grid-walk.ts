export interface Place {
  readonly column: number
  readonly line: number
}

export interface GridSize {
  readonly columns: number
  readonly lines: number
}

/** Where a key leads, never out of the grid; `undefined`: it leads nowhere. */
export function walked({ column, line }: Place, key: string, { columns, lines }: GridSize): Place | undefined {
  const inside = (value: number, count: number): number => Math.max(0, Math.min(count - 1, value))
  switch (key) {
    case 'ArrowLeft':
      return { column: inside(column - 1, columns), line }
    case 'ArrowRight':
      return { column: inside(column + 1, columns), line }
    case 'ArrowUp':
      return { column, line: inside(line - 1, lines) }
    case 'ArrowDown':
      return { column, line: inside(line + 1, lines) }
    case 'Home':
      return { column: 0, line }
    case 'End':
      return { column: columns - 1, line }
    default:
      return undefined
  }
}
