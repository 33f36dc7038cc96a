/** A stretch of time; `to` of what still goes on is `Infinity`. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Puts spans that are sorted by their beginnings into as few lanes as they need; of the free lanes each takes the uppermost. */
export function packLanes<T extends Span>(spans: readonly T[]): T[][] {
  const lanes: T[][] = []
  const busy = new Heap<{ readonly to: number; readonly lane: number }>((a, b) => a.to - b.to)
  const free = new Heap<number>((a, b) => a - b)
  for (const span of spans) {
    for (let first = busy.peek(); first !== undefined && first.to <= span.from; first = busy.peek()) {
      busy.pop()
      free.push(first.lane)
    }
    const lane = free.pop() ?? lanes.push([]) - 1
    lanes[lane]!.push(span)
    busy.push({ to: span.to, lane })
  }
  return lanes
}

/** The smallest first. */
class Heap<T> {
  readonly #items: T[] = []
  readonly #compare: (a: T, b: T) => number

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (this.#compare(items[above]!, item) <= 0) break
      items[at] = items[above]!
      at = above
    }
    items[at] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (first === undefined || last === undefined || items.length === 0) return first
    let at = 0
    for (;;) {
      let below = at * 2 + 1
      if (below >= items.length) break
      if (below + 1 < items.length && this.#compare(items[below + 1]!, items[below]!) < 0) below += 1
      if (this.#compare(items[below]!, last) >= 0) break
      items[at] = items[below]!
      at = below
    }
    items[at] = last
    return first
  }
}
