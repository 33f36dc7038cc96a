import type { Script, Statement } from './script.ts'
import type { Store } from './port.ts'

/** Writes in one transaction; whoever comes later is in the next. */
const BATCH_MAX = 200

const BEGIN: Statement = { sql: 'SAVEPOINT one_of_many', parameters: [], rows: false }
const KEEP: Statement = { sql: 'RELEASE one_of_many', parameters: [], rows: false }
const UNDO: Statement = { sql: 'ROLLBACK TO one_of_many', parameters: [], rows: false }

interface Waiting {
  readonly script: () => Script<unknown>
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

type Outcome = { readonly type: 'result'; readonly result: unknown } | { readonly type: 'error'; readonly error: unknown }

/**
 * A store whose writes of one turn of the event loop are committed together: a commit costs more than most of what is committed. Each write
 * stands or falls by itself, and nobody is answered before the commit.
 *
 * @param soon - calls back in the next turn.
 */
export function withGroupCommit(store: Store, soon: (callback: () => void) => void): Store {
  let queue: Waiting[] = []
  let under: Promise<void> | undefined

  function commitSoon(): void {
    under ??= new Promise<void>((resolve) => {
      soon(() => {
        under = undefined
        resolve(commitAll(queue.splice(0, BATCH_MAX)))
        if (queue.length > 0) commitSoon()
      })
    })
  }

  async function commitAll(batch: readonly Waiting[]): Promise<void> {
    let outcomes: readonly Outcome[]
    try {
      outcomes = await store.write(() => allOf(batch))
    } catch (error) {
      for (const { reject } of batch) reject(error)
      return
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index]!
      if (outcome.type === 'result') resolve(outcome.result)
      else reject(outcome.error)
    }
  }

  return {
    ...store,
    write: <T>(script: () => Script<T>) =>
      new Promise<T>((resolve, reject) => {
        queue.push({ script, resolve: resolve as (result: unknown) => void, reject }) // of the same script
        commitSoon()
      }),
    async close() {
      while (under !== undefined) await under
      queue = []
      await store.close()
    },
  }
}

function* allOf(batch: readonly Waiting[]): Script<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { script } of batch) {
    // Alone there is nobody to protect.
    if (batch.length > 1) yield BEGIN
    try {
      outcomes.push({ type: 'result', result: yield* script() })
    } catch (error) {
      if (batch.length === 1) throw error
      yield UNDO
      outcomes.push({ type: 'error', error })
    }
    if (batch.length > 1) yield KEEP
  }
  return outcomes
}
