/** One answer of HTTP/1.1, read to its end. */
export interface HttpAnswer {
  readonly status: number
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** Whether the connection may carry another request. */
  readonly reusable: boolean
}

interface Head {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly reusable: boolean
}

/** How the end of a body is known. */
type Framing =
  | { readonly by: 'length'; missing: number }
  | { readonly by: 'chunks'; missing: number; isLast: boolean }
  | { readonly by: 'end' }

const HEAD_BYTES_MAX = 64 * 1024
const NOTHING = Buffer.alloc(0)
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: |$)/

/** Reads one answer from the pieces in which a connection brings it. What is no answer of HTTP, or is torn off, is an error. */
export class AnswerReader {
  readonly #body: Buffer[] = []
  #unread: Buffer = NOTHING
  #head: Head | undefined
  #framing: Framing | undefined

  /** The answer, once all of it is here. */
  read(piece: Buffer): HttpAnswer | undefined {
    this.#unread = this.#unread.length === 0 ? piece : Buffer.concat([this.#unread, piece])
    while (this.#head === undefined) {
      const head = this.#takeHead()
      if (head === undefined) return undefined
      // An answer before the answer: nothing was asked that needs it.
      if (head.status >= 200) this.#head = head
    }
    this.#framing ??= framingOf(this.#head)
    return this.#takeBody(this.#framing) ? this.#whole(this.#head) : undefined
  }

  /** The answer, when the end of the connection is its end. */
  end(): HttpAnswer {
    if (this.#head === undefined || this.#framing?.by !== 'end') throw new Error('the connection ended before the answer did')
    return this.#whole(this.#head)
  }

  #whole({ status, headers, reusable }: Head): HttpAnswer {
    const body = this.#body.length === 1 ? this.#body[0]! : Buffer.concat(this.#body)
    // Bytes that nobody asked for would be taken for the next answer.
    return { status, headers, body, reusable: reusable && this.#unread.length === 0 && this.#framing?.by !== 'end' }
  }

  #takeHead(): Head | undefined {
    const end = this.#unread.indexOf('\r\n\r\n')
    if (end > HEAD_BYTES_MAX || (end === -1 && this.#unread.length > HEAD_BYTES_MAX)) throw new Error('the head of the answer is too long')
    if (end === -1) return undefined
    const [first = '', ...lines] = this.#unread.toString('latin1', 0, end).split('\r\n')
    this.#unread = this.#unread.subarray(end + 4)
    const [, minor, status] = STATUS_LINE.exec(first) ?? []
    if (status === undefined) throw new Error('what answered does not speak HTTP/1.1')
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
    }
    return { status: Number(status), headers, reusable: minor === '1' && headers.get('connection')?.toLowerCase() !== 'close' }
  }

  /** Whether the body has ended. */
  #takeBody(framing: Framing): boolean {
    switch (framing.by) {
      case 'length':
        framing.missing -= this.#takeBytes(framing.missing)
        return framing.missing === 0
      case 'end':
        this.#takeBytes(this.#unread.length)
        return false
      case 'chunks':
        return this.#takeChunks(framing)
    }
  }

  #takeBytes(atMost: number): number {
    const length = Math.min(atMost, this.#unread.length)
    if (length > 0) this.#body.push(this.#unread.subarray(0, length))
    this.#unread = this.#unread.subarray(length)
    return length
  }

  #takeChunks(framing: Framing & { readonly by: 'chunks' }): boolean {
    for (;;) {
      framing.missing -= this.#takeBytes(framing.missing)
      if (framing.missing > 0) return false
      const line = this.#takeLine()
      if (line === undefined) return false
      if (framing.isLast) {
        // The trailers end with an empty line.
        if (line === '') return true
        continue
      }
      // The line that ends the chunk before.
      if (line === '') continue
      const size = Number.parseInt(line, 16)
      if (!/^[\da-f]{1,8}(?:[ ;]|$)/i.test(line)) throw new Error('a part of the answer has no length')
      framing.missing = size
      framing.isLast = size === 0
    }
  }

  #takeLine(): string | undefined {
    const end = this.#unread.indexOf('\r\n')
    if (end === -1) {
      if (this.#unread.length > HEAD_BYTES_MAX) throw new Error('a line of the answer is too long')
      return undefined
    }
    const line = this.#unread.toString('latin1', 0, end)
    this.#unread = this.#unread.subarray(end + 2)
    return line
  }
}

function framingOf({ status, headers }: Head): Framing {
  if (status === 204 || status === 304) return { by: 'length', missing: 0 }
  if (headers.get('transfer-encoding')?.toLowerCase().endsWith('chunked') === true) return { by: 'chunks', missing: 0, isLast: false }
  const length = headers.get('content-length')
  if (length === undefined) return { by: 'end' }
  if (!/^\d+$/.test(length)) throw new Error('the length of the answer is no number')
  return { by: 'length', missing: Number(length) }
}
