import type { Artifact, ArtifactOperations } from '../core/artifact.ts'
import { TuttiError } from '../core/errors.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'

export function artifactOperations(deps: Deps): ArtifactOperations {
  const { store, clock, ids } = deps
  const { artifacts, listings } = store.tables

  return {
    create: (asked) =>
      store.write(function* () {
        const now = clock.now()
        const artifact: Artifact = { ...asked, id: ids.next(), createdAt: now, updatedAt: now }
        yield* artifacts.insert(artifact)
        yield* show(deps, artifact)
        return artifact
      }),

    read: (id) => store.read(() => found(deps, id)),

    latest: (key) =>
      store.read(function* () {
        const collection = yield* artifacts.collection(key)
        if (collection === undefined) throw new TuttiError('NOT_FOUND', `there is no artifact with the key ${key}`)
        return collection
      }),

    list: (listing) => store.read(() => artifacts.list(listing)),
    listLatest: (listing) => store.read(() => artifacts.collections(listing)),
    count: (where) => store.read(() => listings.count('artifacts', where)),
    countLatest: (where) => store.read(() => listings.count('artifact-collections', where)),

    update: (id, changes) =>
      store.write(function* () {
        const artifact: Artifact = { ...(yield* found(deps, id)), ...changes, updatedAt: clock.now() }
        yield* artifacts.save(artifact)
        if (artifact.key !== null && (yield* artifacts.newest(artifact.key))?.id === id) yield* show(deps, artifact)
      }),

    remove: (id) =>
      store.write(function* () {
        const { key } = yield* found(deps, id)
        yield* artifacts.delete(id)
        if (key === null) return
        const before = yield* artifacts.newest(key)
        if (before === undefined) yield* artifacts.deleteCollection(key)
        else yield* show(deps, before)
      }),
  }
}

/** Makes it what the collection of its key shows. */
function* show({ store, ids }: Deps, latest: Artifact): Script<void> {
  const { key, createdAt, updatedAt } = latest
  if (key !== null) yield* store.tables.artifacts.saveCollection({ id: ids.next(), key, latest, createdAt, updatedAt })
}

function* found({ store }: Deps, id: string): Script<Artifact> {
  const artifact = yield* store.tables.artifacts.get(id)
  if (artifact === undefined) throw new TuttiError('NOT_FOUND', `there is no artifact ${id}`)
  return artifact
}
