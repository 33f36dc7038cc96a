import { TuttiError } from '../core/errors.ts'
import type { SecretBox } from '../core/secret-box.ts'
import { sealedParts, sealPrefix } from '../core/secret-box.ts'
import type { Store } from '../store/port.ts'

/** Documents sealed anew in one transaction: others wait for it. */
const BATCH = 100

/** How many block documents are sealed with each key, by its name; what is no sealed text counts under `null`. */
export async function sealedByKey(store: Store): Promise<ReadonlyMap<string | null, number>> {
  const counts = new Map<string | null, number>()
  for (const { prefix, documents } of await store.read(() => store.tables.blocks.sealed())) {
    const name = sealedParts(`${prefix}:`).keyName ?? null
    counts.set(name, (counts.get(name) ?? 0) + documents)
  }
  return counts
}

export interface Resealing {
  readonly store: Store
  /** Opens with every key there is. */
  readonly box: SecretBox
  /** With which key it seals now: somebody else may put a newer one in its place. */
  readonly newest: () => string
  readonly signal: AbortSignal
  readonly onProgress: (documents: number) => void
}

/**
 * Seals every block document with the newest key that is sealed with another, in small transactions: whatever ends it in the middle, the same again
 * goes on where it was. Answers with how many there were.
 *
 * @throws `SECRETS_LOCKED` at a document that cannot be opened; it and those behind it stay as they are.
 */
export async function resealAll({ store, box, newest, signal, onProgress }: Resealing): Promise<number> {
  const { blocks } = store.tables
  let done = 0
  // Once more from the start when something was found: servers may have saved blocks with the old key meanwhile.
  for (let found = -1; found !== 0;) {
    found = 0
    let after = ''
    for (;;) {
      signal.throwIfAborted()
      const batch = await store.write(function* () {
        const documents = yield* blocks.sealedOtherwise(sealPrefix(newest()), { after, limit: BATCH })
        for (const { id, data } of documents) yield* blocks.reseal(id, box.seal(opened(box, id, data)))
        return documents
      })
      const last = batch.at(-1)
      if (last === undefined) break
      after = last.id
      found += batch.length
      done += batch.length
      onProgress(done)
    }
  }
  return done
}

function opened(box: SecretBox, id: string, data: string): string {
  try {
    return box.open(data)
  } catch (cause) {
    throw new TuttiError('SECRETS_LOCKED', `the block document ${id} cannot be opened`, { cause })
  }
}
