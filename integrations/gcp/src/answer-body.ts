import type { Readable } from 'node:stream'
import { PassingFailure } from './api-failure.ts'

export interface BodyLimits {
  /** Nothing arrives for longer than that: the connection is given up. How long the reader takes does not count. */
  readonly idleMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * The bytes of an answer. A connection that is cut or falls silent is a `PassingFailure`; an abort ends it with the signal's reason. Whoever
 * stops reading ends the connection.
 */
export async function* readBody(body: Readable, { idleMs, signal }: BodyLimits): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer> // no encoding is set
  try {
    for (;;) {
      const timer = setTimeout(() => body.destroy(new PassingFailure(`nothing came for ${idleMs / 1000} s`)), idleMs)
      const { done, value } = await chunks.next().finally(() => clearTimeout(timer))
      if (done === true) return
      yield value
    }
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof PassingFailure ? error : new PassingFailure(messageOf(error), { cause: error })
  } finally {
    body.destroy()
  }
}

/** Answers that are no bytes of users are small. */
const TEXT_BYTES_MAX = 32 * 1024 * 1024

export async function readText(body: Readable, limits: BodyLimits): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of readBody(body, limits)) {
    chunks.push(chunk)
    size += chunk.length
    if (size > TEXT_BYTES_MAX) throw new Error(`an answer of Google is larger than ${TEXT_BYTES_MAX} bytes`)
  }
  return Buffer.concat(chunks).toString()
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
