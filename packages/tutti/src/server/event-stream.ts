import type { Clock } from '../core/time.ts'

/** One server-sent event; `null`: nothing has happened, and the connection is to be kept. */
export type StreamedEvent = { readonly id: string; readonly data: unknown } | null

/** Reading this much takes milliseconds. */
const TURN_BYTES = 100_000

/**
 * Server-sent events as they come. The reader's pace is the source's: nothing is asked for before the last was taken. Whoever takes much at
 * once does not keep others waiting: between two large events requests have their turn.
 *
 * @param open - makes the source; the signal tells it that the reader has gone.
 */
export function eventStream(
  clock: Pick<Clock, 'timer'>,
  open: (ended: AbortSignal) => AsyncGenerator<StreamedEvent, void>,
): ReadableStream<Uint8Array> {
  const gone = new AbortController()
  const encoder = new TextEncoder()
  const events = open(gone.signal)
  let sentBytes = 0
  return new ReadableStream({
    async pull(controller) {
      if (sentBytes >= TURN_BYTES) {
        sentBytes = 0
        await new Promise<void>((resolve) => clock.timer(0, resolve))
      }
      const { done, value } = await events.next()
      if (done === true) return controller.close()
      const bytes = encoder.encode(value === null ? ':\n\n' : `id: ${value.id}\ndata: ${JSON.stringify(value.data)}\n\n`)
      sentBytes += bytes.length
      controller.enqueue(bytes)
    },
    cancel() {
      gone.abort()
      // It lets go of what it listens to, also where it waits to be asked for more. Nobody is left to tell of what fails.
      void events.return().catch(() => undefined)
    },
  })
}
