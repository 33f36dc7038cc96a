/** Bytes as users have them: at once, as text, or as any kind of stream. */
export type Bytes = string | Uint8Array | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array> | ReadableStream<Uint8Array>

/** A part of a stream that is as large as asked for; only the last one is smaller. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly isLast: boolean
}

/** Cuts a stream into pieces of one size. There is always a last one, which may be empty. One piece is held at a time, and the next chunk. */
export async function* piecesOf(source: AsyncIterable<Uint8Array | string>, pieceBytes: number): AsyncGenerator<Piece> {
  let chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    let rest: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    // A full piece waits until it is known that it is not the last one.
    while (size + rest.length > pieceBytes) {
      const fitting = rest.subarray(0, pieceBytes - size)
      rest = rest.subarray(fitting.length)
      yield { bytes: join([...chunks, fitting]), isLast: false }
      chunks = []
      size = 0
    }
    if (rest.length === 0) continue
    chunks.push(rest)
    size += rest.length
  }
  yield { bytes: join(chunks), isLast: true }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}

/** What can be read again from its beginning, or the one stream there is. */
export interface Source {
  open(): AsyncIterable<Uint8Array | string>
  readonly isRepeatable: boolean
  /** When it is known before. */
  readonly sizeBytes: number | undefined
}

export function sourceOf(bytes: Bytes): Source {
  if (typeof bytes === 'string' || bytes instanceof Uint8Array) {
    const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    return { open: () => once(whole), isRepeatable: true, sizeBytes: whole.length }
  }
  return { open: () => (Symbol.asyncIterator in bytes ? bytes : each(bytes)), isRepeatable: false, sizeBytes: undefined }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* each(bytes: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes
}

/** Ends a stream that somebody waits for when the signal aborts, with its reason. */
export async function* stoppable<T>(source: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  if (signal === undefined) return yield* source
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  // Nobody may be waiting when it aborts.
  aborted.promise.catch(() => {})
  const onAbort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await Promise.race([iterator.next(), aborted.promise])
      if (done === true) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // A stream that hangs may never answer to this either.
    void iterator.return?.()?.then(undefined, () => {})
  }
}
