import { TuttiError } from '../core/errors.ts'
import { resultName } from '../core/result-name.ts'
import type { Clock } from '../core/time.ts'
import type { Store } from '../store/port.ts'
import type { ResultFiles } from './results.ts'

const OWNERS_PER_READ = 1_000
/** Keys deleted in one statement. */
const KEYS_PER_DELETE = 500

/** Large results inside the database, for one that several machines share. */
export function storedFiles(store: Store, clock: Clock): ResultFiles {
  const { results } = store.tables
  return {
    async write(owner, key, bytes) {
      const [by, name] = [resultName(owner), resultName(key)]
      await store.write(() => results.put(by, name, bytes, clock.now()))
    },

    async read(owner, key) {
      const [by, name] = [resultName(owner), resultName(key)]
      const bytes = await store.read(() => results.get(by, name))
      if (bytes === undefined) throw new TuttiError('RESULT_MISSING', `the stored result ${key} of flow run ${owner} cannot be read`)
      return bytes
    },

    share: (from, to, key) => results.share(from, to, key, clock.now()),
    deleteRun: (owner) => store.write(() => results.deleteOwner(owner)),
    // A copy of the database has them already.
    copyAll: async () => undefined,

    async owners() {
      const all: string[] = []
      for (;;) {
        const page = await store.read(() => results.owners(all.at(-1) ?? '', OWNERS_PER_READ))
        all.push(...page)
        if (page.length < OWNERS_PER_READ) return all
      }
    },

    keys: (owner) => store.read(() => results.keys(owner)),

    async deleteOld(owner, before, keep) {
      const old = await store.read(() => results.oldKeys(owner, before))
      const gone = old.filter((key) => !keep.has(key))
      for (let at = 0; at < gone.length; at += KEYS_PER_DELETE) {
        await store.write(() => results.delete(owner, gone.slice(at, at + KEYS_PER_DELETE)))
      }
    },
  }
}
