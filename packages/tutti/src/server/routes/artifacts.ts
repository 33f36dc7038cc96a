import { artifacts, artifactsWhere, artifactToWire, collectionToWire } from '../../api/artifacts.ts'
import { joinedCondition } from '../../api/filters.ts'
import { pageOf } from '../../api/page.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Mount } from '../mount.ts'

export function mountArtifacts(mount: Mount, { artifacts: door }: ServerOrchestrator): void {
  mount(artifacts.create, async ({ body: { key, type, description, data, metadata_: metadata, ...runs } }) =>
    artifactToWire(
      await door.create({
        key: key ?? null,
        type: type ?? null,
        description: description ?? null,
        data: data ?? null,
        metadata: metadata ?? null,
        flowRunId: runs.flow_run_id ?? null,
        taskRunId: runs.task_run_id ?? null,
      }),
    ),
  )
  mount(artifacts.read, async ({ params }) => artifactToWire(await door.read(params.id)))
  mount(artifacts.latest, async ({ params }) => {
    const { id, latest, createdAt, updatedAt } = await door.latest(params.key)
    return artifactToWire({ ...latest, id, createdAt, updatedAt })
  })
  mount(artifacts.list, async ({ body }) => {
    const where = artifactsWhere(body.artifacts, joinedCondition('artifacts', body))
    return (await door.list({ where, sort: body.sort, ...pageOf(body) })).map(artifactToWire)
  })
  mount(artifacts.listLatest, async ({ body }) => {
    const where = artifactsWhere(body.artifacts, joinedCondition('artifact-collections', body))
    return (await door.listLatest({ where, sort: body.sort, ...pageOf(body) })).map(collectionToWire)
  })
  mount(artifacts.count, ({ body }) => door.count(artifactsWhere(body.artifacts, joinedCondition('artifacts', body))))
  mount(artifacts.countLatest, ({ body }) =>
    door.countLatest(artifactsWhere(body.artifacts, joinedCondition('artifact-collections', body))),
  )
  mount(artifacts.update, ({ params, body: { data, description, metadata_: metadata } }) =>
    door.update(params.id, {
      ...(data === undefined ? undefined : { data }),
      ...(description === undefined ? undefined : { description }),
      ...(metadata === undefined ? undefined : { metadata }),
    }),
  )
  mount(artifacts.remove, ({ params }) => door.remove(params.id))
}
