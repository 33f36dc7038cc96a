/** One server-sent event; `null`: nothing has happened, and the connection is to be kept. */
export type StreamedEvent = { readonly id: string; readonly data: unknown } | null

/**
 * Server-sent events as they come. The reader's pace is the source's: nothing is asked for before the last was taken.
 *
 * @param open - makes the source; the signal tells it that the reader has gone.
 */
export function eventStream(open: (ended: AbortSignal) => AsyncGenerator<StreamedEvent, void>): ReadableStream<Uint8Array> {
  const gone = new AbortController()
  const encoder = new TextEncoder()
  const events = open(gone.signal)
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await events.next()
      if (done === true) return controller.close()
      controller.enqueue(encoder.encode(value === null ? ':\n\n' : `id: ${value.id}\ndata: ${JSON.stringify(value.data)}\n\n`))
    },
    cancel() {
      gone.abort()
      // It lets go of what it listens to, also where it waits to be asked for more. Nobody is left to tell of what fails.
      void events.return().catch(() => undefined)
    },
  })
}
