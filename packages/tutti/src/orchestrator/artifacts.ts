import type { Artifact, ArtifactOperations } from '../core/artifact.ts'
import { TuttiError } from '../core/errors.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { writeAndTell } from './telling.ts'

export function artifactOperations(deps: Deps): ArtifactOperations {
  const { store, clock, ids } = deps
  const { artifacts, listings } = store.tables

  return {
    create: (asked) =>
      writeAndTell(deps, function* (told) {
        const now = clock.now()
        const artifact: Artifact = { ...asked, id: ids.next(), createdAt: now, updatedAt: now }
        yield* artifacts.insert(artifact)
        yield* show(deps, artifact)
        told.push(changed(artifact.id))
        return artifact
      }),

    publish: ({ isFirst, data, ...asked }) =>
      writeAndTell(deps, function* (told) {
        const known = yield* artifacts.get(asked.id)
        if (known !== undefined && (isFirst || (known.data?.text === data && known.description === asked.description))) return
        const now = clock.now()
        const artifact: Artifact = { metadata: null, createdAt: now, ...known, ...asked, data: new JsonText(data), updatedAt: now }
        const { key } = artifact
        told.push(changed(artifact.id))
        if (known === undefined) {
          yield* artifacts.insert(artifact)
          yield* show(deps, artifact)
        } else {
          yield* artifacts.save(artifact)
          if (key !== null && (yield* artifacts.collection(key))?.latest.id === artifact.id) yield* show(deps, artifact)
        }
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
      writeAndTell(deps, function* (told) {
        const artifact: Artifact = { ...(yield* found(deps, id)), ...changes, updatedAt: clock.now() }
        yield* artifacts.save(artifact)
        told.push(changed(id))
        if (artifact.key !== null && (yield* artifacts.newest(artifact.key))?.id === id) yield* show(deps, artifact)
      }),

    remove: (id) =>
      writeAndTell(deps, function* (told) {
        const { key } = yield* found(deps, id)
        yield* artifacts.delete(id)
        told.push(changed(id))
        if (key === null) return
        const before = yield* artifacts.newest(key)
        if (before === undefined) yield* artifacts.deleteCollection(key)
        else yield* show(deps, before)
      }),
  }
}

function changed(id: string): Told {
  return { type: 'changed', noun: 'artifacts', id }
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
