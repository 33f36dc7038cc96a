import { z } from 'zod'
import type { Flow } from '../core/flow.ts'
import { endpoint } from './endpoint.ts'
import { idParams, objectName } from './shapes.ts'
import { labels, objectOf, tags, timeText, wire } from './values.ts'

export const flowWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    tags: z.array(z.string()),
    labels: wire.object,
  })
  .meta({ id: 'Flow' })

export function flowToWire({ id, name, tags: all, labels: flat, createdAt, updatedAt }: Flow): z.input<typeof flowWire> {
  return { id, created: timeText(createdAt), updated: timeText(updatedAt), name, tags: [...all], labels: objectOf(flat) }
}

const flowCreate = z.strictObject({
  name: objectName,
  tags: tags.default([]),
  labels: labels.nullish(),
})

export const flows = {
  create: endpoint({
    method: 'POST',
    path: '/flows/',
    summary: 'Makes a flow, or gives the one of that name.',
    body: flowCreate,
    output: flowWire,
    status: 201,
    alsoStatus: [200],
  }),
  read: endpoint({ method: 'GET', path: '/flows/{id}', summary: 'One flow.', params: idParams, output: flowWire, errors: ['NOT_FOUND'] }),
  readByName: endpoint({
    method: 'GET',
    path: '/flows/name/{name}',
    summary: 'The flow of a name.',
    params: z.object({ name: z.string() }),
    output: flowWire,
    errors: ['NOT_FOUND'],
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/flows/{id}',
    summary: 'Changes the tags of a flow.',
    params: idParams,
    body: z.strictObject({ tags: tags.nullish() }),
    errors: ['NOT_FOUND'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/flows/{id}',
    summary: 'Deletes a flow with its deployments and runs.',
    params: idParams,
    errors: ['NOT_FOUND'],
  }),
}
