/** The candidate that was probably meant by a mistyped word; `undefined` when none is near. */
export function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  if (wanted === '') return undefined
  let best: string | undefined
  // One slip in a short word, about one in three letters of a longer one.
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of candidates) {
    const other = candidate.toLowerCase()
    // The beginning of a word is likely to mean it, a single slip is likelier.
    const isBeginning = wanted !== '' && other !== '' && (other.startsWith(wanted) || wanted.startsWith(other))
    const distance = Math.min(editDistance(wanted, other), isBeginning ? 1.5 : Number.POSITIVE_INFINITY)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** How many letters must be added, removed, changed or swapped with their neighbour to make one word of the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const changed = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1)
      let distance = Math.min(changed, at(last, column) + 1, at(current, column - 1) + 1)
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (isSwap) distance = Math.min(distance, at(beforeLast, column - 2) + 1)
      current.push(distance)
    }
    beforeLast = last
    last = current
  }
  return at(last, to.length)
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? 0
}
