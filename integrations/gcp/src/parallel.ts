/**
 * Does something with each of a stream, so many at once. The first failure lets what is under way be aborted by the signal it is given, waits
 * for it, and is thrown.
 */
export async function inParallel<T>(
  items: AsyncIterable<T>,
  { parallel, signal }: { readonly parallel: number; readonly signal?: AbortSignal | undefined },
  each: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController()
  const both = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal])
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | undefined
  const fail = (error: unknown): void => {
    // What ends because of the first failure says nothing new.
    failure ??= { error }
    failed.abort(error)
  }
  try {
    for await (const item of items) {
      both.throwIfAborted()
      const done = each(item, both)
        .catch(fail)
        .finally(() => running.delete(done))
      running.add(done)
      if (running.size >= parallel) await Promise.race(running)
      if (failure !== undefined) break
    }
  } catch (error) {
    fail(error)
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure.error
}
