/** What has been transferred of a folder. */
export interface FolderProgress {
  readonly files: number
  readonly bytes: number
}

/** Sums up what is told of single files. */
export class FolderCount {
  readonly #tell: ((progress: FolderProgress) => void) | undefined
  readonly #bytes = new Map<string, number>()
  #files = 0
  #doneBytes = 0

  constructor(tell: ((progress: FolderProgress) => void) | undefined) {
    this.#tell = tell
  }

  /** What a file's own progress is told to. */
  of(name: string): (progress: { readonly bytes: number }) => void {
    return ({ bytes }) => {
      this.#bytes.set(name, bytes)
      this.#tell?.(this.sum())
    }
  }

  done(name: string): void {
    this.#files += 1
    this.#doneBytes += this.#bytes.get(name) ?? 0
    this.#bytes.delete(name)
    this.#tell?.(this.sum())
  }

  sum(): FolderProgress {
    const underWay = [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0)
    return { files: this.#files, bytes: this.#doneBytes + underWay }
  }
}
