import type { FieldChange } from '../core/deployment-plan.ts'
import type { CodeOrigin, DeploymentVersion } from '../core/deployment-version.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Script } from './script.ts'
import { change, select, sqlBuilder } from './statements.ts'
import type { DeploymentVersionRow } from './tables.ts'

export interface DeploymentVersionTable {
  get(id: string): Script<DeploymentVersion | undefined>
  byNumber(deploymentId: string, number: number): Script<DeploymentVersion | undefined>
  /** The newest first. */
  list(deploymentId: string, page: { readonly limit: number; readonly offset: number }): Script<readonly DeploymentVersion[]>
  insert(version: DeploymentVersion): Script<void>
  /** Those of a deployment below a number. */
  deleteBelow(deploymentId: string, number: number): Script<void>
}

export function deploymentVersionTable(): DeploymentVersionTable {
  return {
    *get(id) {
      return (yield* select(sqlBuilder.selectFrom('deployment_versions').selectAll().where('id', '=', id))).map(toVersion)[0]
    },

    *byNumber(deploymentId, number) {
      const query = sqlBuilder
        .selectFrom('deployment_versions')
        .selectAll()
        .where('deployment_id', '=', deploymentId)
        .where('number', '=', number)
      return (yield* select(query)).map(toVersion)[0]
    },

    *list(deploymentId, { limit, offset }) {
      const query = sqlBuilder
        .selectFrom('deployment_versions')
        .selectAll()
        .where('deployment_id', '=', deploymentId)
        .orderBy('number', 'desc')
        .limit(limit)
        .offset(offset)
      return (yield* select(query)).map(toVersion)
    },

    *insert({ id, deploymentId, number, version, origin, changes, snapshot, createdAt }) {
      yield* change(
        sqlBuilder.insertInto('deployment_versions').values({
          id,
          deployment_id: deploymentId,
          number,
          version,
          origin: origin === null ? null : JSON.stringify(origin),
          changes: JSON.stringify(changes),
          snapshot: snapshot.text,
          created_at: createdAt,
        }),
      )
    },

    *deleteBelow(deploymentId, number) {
      yield* change(sqlBuilder.deleteFrom('deployment_versions').where('deployment_id', '=', deploymentId).where('number', '<', number))
    },
  }
}

function toVersion(row: DeploymentVersionRow): DeploymentVersion {
  return {
    id: row.id,
    deploymentId: row.deployment_id,
    number: row.number,
    version: row.version,
    // Written by `insert` only.
    origin: row.origin === null ? null : (JSON.parse(row.origin) as CodeOrigin),
    changes: JSON.parse(row.changes) as readonly FieldChange[],
    snapshot: new JsonText(row.snapshot),
    createdAt: row.created_at,
  }
}
