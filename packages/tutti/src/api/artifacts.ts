import { z } from 'zod'
import { shortMetadata } from '../core/artifact.ts'
import type { Artifact, ArtifactCollection } from '../core/artifact.ts'
import type { Condition } from '../core/condition.ts'
import { JsonText } from '../core/literal-json.ts'
import { endpoint } from './endpoint.ts'
import { anyOf, given, inList, joined, joinedShape, member, nullTest, test } from './filters.ts'
import { optionalBody, sortOf } from './lists.ts'
import { pageFields } from './page.ts'
import { count, idParams } from './shapes.ts'
import { json, jsonOf, timeText, uuid, wire } from './values.ts'

const content = {
  type: z.string().nullable(),
  description: z.string().nullable(),
  data: wire.json,
  metadata_: z.record(z.string(), z.string()).nullable(),
  flow_run_id: wire.uuid.nullable(),
  task_run_id: wire.uuid.nullable(),
}

const artifactWire = z
  .object({ id: wire.uuid, created: wire.time, updated: wire.time, key: z.string().nullable(), ...content })
  .meta({ id: 'Artifact' })

const collectionWire = z
  .object({ id: wire.uuid, created: wire.time, updated: wire.time, key: z.string(), latest_id: wire.uuid, ...content })
  .meta({ id: 'ArtifactCollection' })

export function artifactToWire(artifact: Artifact): z.input<typeof artifactWire> {
  const { id, key, createdAt, updatedAt } = artifact
  return { id, created: timeText(createdAt), updated: timeText(updatedAt), key, ...contentOf(artifact) }
}

export function collectionToWire({ id, key, latest, createdAt, updatedAt }: ArtifactCollection): z.input<typeof collectionWire> {
  return { id, created: timeText(createdAt), updated: timeText(updatedAt), key, latest_id: latest.id, ...contentOf(latest) }
}

function contentOf({ type, description, data, metadata, flowRunId, taskRunId }: Artifact) {
  return {
    type,
    description,
    data: jsonOf(data),
    metadata_: metadata as Record<string, string> | null, // `JSON.stringify` writes the object that the text is
    flow_run_id: flowRunId,
    task_run_id: taskRunId,
  }
}

const metadata = z.record(z.string(), z.string()).transform((texts) => JsonText.of(shortMetadata(texts)))
const key = z.string().regex(/^[a-z0-9-]+$/, { message: 'Artifact key must only contain lowercase letters, numbers, and dashes.' })

const filterMembers = {
  key: member(
    { any_: z.array(z.string()).nullish(), like_: z.string().nullish(), exists_: z.boolean().nullish() },
    ({ any_: wanted, like_: like, exists_: exists }) => [
      given(wanted, (values) => inList('key', values)),
      given(like, (text) => (text === '' ? undefined : test('key', { is: 'like', text }))),
      given(exists, (is) => nullTest('key', !is)),
    ],
  ),
  flow_run_id: member({ any_: z.array(uuid).nullish() }, ({ any_: wanted }) => [given(wanted, (ids) => inList('flowRunId', ids))]),
  task_run_id: member({ any_: z.array(uuid).nullish() }, ({ any_: wanted }) => [given(wanted, (ids) => inList('taskRunId', ids))]),
  type: anyOf('type'),
}

const artifactFilter = joined({ id: anyOf('id', uuid), ...filterMembers })
const collectionFilter = joined({ latest_id: anyOf('latestId', uuid), ...filterMembers })
const relatedKeys = joinedShape('flows', 'flow_runs', 'task_runs', 'deployments')
const sort = sortOf('ID_DESC', 'CREATED_DESC', 'UPDATED_DESC', 'KEY_ASC', 'KEY_DESC')

/** The filter of the noun itself, and those of what its rows belong to. */
export function artifactsWhere(own: Condition | null | undefined, related: Condition): Condition {
  return own === null || own === undefined ? related : { type: 'all', of: [own, related] }
}

export const artifacts = {
  create: endpoint({
    method: 'POST',
    path: '/artifacts/',
    summary: 'Makes an artifact; it becomes the latest one of its key.',
    body: z.strictObject({
      key: key.nullish(),
      type: z.string().nullish(),
      description: z.string().nullish(),
      data: json.optional(),
      metadata_: metadata.nullish(),
      flow_run_id: uuid.nullish(),
      task_run_id: uuid.nullish(),
    }),
    output: artifactWire,
    status: 201,
  }),
  read: endpoint({
    method: 'GET',
    path: '/artifacts/{id}',
    summary: 'One artifact.',
    params: idParams,
    output: artifactWire,
    errors: ['NOT_FOUND'],
  }),
  latest: endpoint({
    method: 'GET',
    path: '/artifacts/{key}/latest',
    summary: 'The latest artifact of a key.',
    params: z.object({ key: z.string() }),
    output: artifactWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/artifacts/filter',
    summary: 'Artifacts that meet a filter.',
    body: optionalBody({ artifacts: artifactFilter.nullish(), ...relatedKeys, ...pageFields, sort }),
    output: z.array(artifactWire),
  }),
  listLatest: endpoint({
    method: 'POST',
    path: '/artifacts/latest/filter',
    summary: 'The latest artifact of each key that meets a filter.',
    body: optionalBody({ artifacts: collectionFilter.nullish(), ...relatedKeys, ...pageFields, sort }),
    output: z.array(collectionWire),
  }),
  count: endpoint({
    method: 'POST',
    path: '/artifacts/count',
    summary: 'How many artifacts meet a filter.',
    body: optionalBody({ artifacts: artifactFilter.nullish(), ...relatedKeys }),
    output: count,
  }),
  countLatest: endpoint({
    method: 'POST',
    path: '/artifacts/latest/count',
    summary: 'How many keys have a latest artifact that meets a filter.',
    body: optionalBody({ artifacts: collectionFilter.nullish(), ...relatedKeys }),
    output: count,
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/artifacts/{id}',
    summary: 'Changes an artifact.',
    params: idParams,
    body: z.strictObject({ data: json.optional(), description: z.string().nullish(), metadata_: metadata.nullish() }),
    errors: ['NOT_FOUND'],
  }),
  remove: endpoint({ method: 'DELETE', path: '/artifacts/{id}', summary: 'Deletes an artifact.', params: idParams, errors: ['NOT_FOUND'] }),
}
