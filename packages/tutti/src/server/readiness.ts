import type { Clock } from '../core/time.ts'

/** Whoever asks gives up after a second or so: it must hear `no` before that. */
const ANSWER_WITHIN_MS = 800

/** Asks whether the database answers in time. Who asks while a question is under way shares it, so that a database that hangs gets no more of them. */
export function createReadiness(look: () => Promise<unknown>, clock: Clock): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined
  return () => {
    asked ??= look()
      // The answer is the news: why the database cannot be read stands in the server's log, with every other request that fails.
      .then(
        () => true,
        () => false,
      )
      .finally(() => (asked = undefined))
    const answer = asked
    return new Promise((resolve) => {
      const cancel = clock.timer(ANSWER_WITHIN_MS, () => resolve(false))
      void answer.then((is) => {
        cancel()
        resolve(is)
      })
    })
  }
}
