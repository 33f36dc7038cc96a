/** A part of something large: from its first byte to the one behind its last. */
export interface Part {
  readonly index: number
  readonly start: number
  readonly end: number
}

/** Parts of nearly one size, none smaller than asked for but where there is one only. */
export function partsOf(sizeBytes: number, { leastBytes, most }: { readonly leastBytes: number; readonly most: number }): readonly Part[] {
  const count = Math.max(1, Math.min(most, Math.floor(sizeBytes / leastBytes)))
  const length = Math.ceil(sizeBytes / count)
  return Array.from({ length: count }, (_, index) => ({
    index,
    start: Math.min(sizeBytes, index * length),
    end: Math.min(sizeBytes, (index + 1) * length),
  }))
}

export async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

/** Adds up what is told of parts. */
export class PartsProgress {
  readonly #bytes: number[] = []
  #sum = 0
  readonly #tell: (bytes: number) => void

  constructor(tell: (bytes: number) => void) {
    this.#tell = tell
  }

  set(index: number, bytes: number): void {
    this.#sum += bytes - (this.#bytes[index] ?? 0)
    this.#bytes[index] = bytes
    this.#tell(this.#sum)
  }
}
