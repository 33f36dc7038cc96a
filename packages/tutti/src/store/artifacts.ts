import type { Artifact, ArtifactCollection } from '../core/artifact.ts'
import type { Listing } from '../core/condition.ts'
import { JsonText } from '../core/literal-json.ts'
import { listedRows } from './listings.ts'
import type { Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'
import type { ArtifactCollectionRow, ArtifactRow } from './tables.ts'

export interface ArtifactTable {
  insert(artifact: Artifact): Script<void>
  get(id: string): Script<Artifact | undefined>
  list(listing: Listing): Script<readonly Artifact[]>
  save(artifact: Artifact): Script<void>
  delete(id: string): Script<void>
  /** Of a key. */
  newest(key: string): Script<Artifact | undefined>

  collection(key: string): Script<ArtifactCollection | undefined>
  collections(listing: Listing): Script<readonly ArtifactCollection[]>
  /** Made, or brought up to date when there is one of its key. */
  saveCollection(collection: ArtifactCollection): Script<void>
  deleteCollection(key: string): Script<void>
}

export function artifactTable(): ArtifactTable {
  return {
    *insert(artifact) {
      yield* change(sqlBuilder.insertInto('artifacts').values(rowOf(artifact)))
    },

    *get(id) {
      const row = (yield* select(sqlBuilder.selectFrom('artifacts').selectAll().where('id', '=', id)))[0]
      return row === undefined ? undefined : toArtifact(row)
    },

    *list(listing) {
      return ((yield* listedRows('artifacts', listing)) as unknown as readonly ArtifactRow[]).map(toArtifact) // the columns of the table
    },

    *save(artifact) {
      const { id, ...row } = rowOf(artifact)
      yield* change(sqlBuilder.updateTable('artifacts').set(row).where('id', '=', id))
    },

    *delete(id) {
      yield* change(sqlBuilder.deleteFrom('artifacts').where('id', '=', id))
    },

    *newest(key) {
      const row = (yield* select(
        sqlBuilder.selectFrom('artifacts').selectAll().where('key', '=', key).orderBy('key', 'desc').orderBy('id', 'desc').limit(1),
      ))[0]
      return row === undefined ? undefined : toArtifact(row)
    },

    *collection(key) {
      const row = (yield* select(sqlBuilder.selectFrom('artifact_collections').selectAll().where('key', '=', key)))[0]
      return row === undefined ? undefined : toCollection(row)
    },

    *collections(listing) {
      const rows = yield* listedRows('artifact-collections', listing)
      return (rows as unknown as readonly ArtifactCollectionRow[]).map(toCollection) // the columns of the table
    },

    *saveCollection(collection) {
      const row = collectionRowOf(collection)
      const { id: _, created_at: __, ...changes } = row
      yield* change(
        sqlBuilder
          .insertInto('artifact_collections')
          .values(row)
          .onConflict((conflict) => conflict.column('key').doUpdateSet(changes)),
      )
    },

    *deleteCollection(key) {
      yield* change(sqlBuilder.deleteFrom('artifact_collections').where('key', '=', key))
    },
  }
}

function rowOf({ id, key, type, description, data, metadata, flowRunId, taskRunId, createdAt, updatedAt }: Artifact): ArtifactRow {
  return {
    id,
    key,
    type,
    description,
    data: data?.text ?? null,
    metadata: metadata?.text ?? null,
    flow_run_id: flowRunId,
    task_run_id: taskRunId,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

function collectionRowOf({ id, key, latest, createdAt, updatedAt }: ArtifactCollection): ArtifactCollectionRow {
  return {
    ...rowOf(latest),
    id,
    key,
    latest_id: latest.id,
    latest_created_at: latest.createdAt,
    created_at: createdAt,
    updated_at: updatedAt,
  }
}

function toArtifact(row: ArtifactRow): Artifact {
  return {
    id: row.id,
    key: row.key,
    type: row.type,
    description: row.description,
    data: row.data === null ? null : new JsonText(row.data),
    metadata: row.metadata === null ? null : new JsonText(row.metadata),
    flowRunId: row.flow_run_id,
    taskRunId: row.task_run_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toCollection(row: ArtifactCollectionRow): ArtifactCollection {
  const { id, key, latest_id: latestId, latest_created_at: latestCreatedAt, created_at: createdAt, updated_at: updatedAt } = row
  return { id, key, latest: toArtifact({ ...row, id: latestId, created_at: latestCreatedAt }), createdAt, updatedAt }
}
