import { z } from 'zod'
import type { Variable } from '../core/variable.ts'
import { endpoint } from './endpoint.ts'
import { anyOf, joined, named, tagged } from './filters.ts'
import { optionalBody, sortOf } from './lists.ts'
import { pageFields } from './page.ts'
import { count, idParams } from './shapes.ts'
import { json, jsonOf, tags, timeText, uuid, wire } from './values.ts'

const variableWire = z
  .object({
    id: wire.uuid,
    created: wire.time,
    updated: wire.time,
    name: z.string(),
    value: wire.json,
    tags: z.array(z.string()),
  })
  .meta({ id: 'Variable' })

export function variableToWire({ id, name, value, tags: all, createdAt, updatedAt }: Variable): z.input<typeof variableWire> {
  return { id, created: timeText(createdAt), updated: timeText(updatedAt), name, value: jsonOf(value), tags: [...all] }
}

const VALUE_MAX = 5_000

const name = z
  .string()
  .max(255)
  .regex(/^[a-z0-9_-]+$/, { message: 'Variable name must only contain lowercase letters, numbers, and dashes or underscores.' })

const value = z
  .custom<unknown>((given) => given !== undefined, { message: 'Field required' })
  .pipe(json)
  .refine(({ text }) => text.length <= VALUE_MAX, { message: `Variable value must be less than ${VALUE_MAX} characters` })

const variableUpdate = z.strictObject({ name: name.nullish(), value: value.optional(), tags: tags.nullish() })

const variableFilter = joined({ id: anyOf('id', uuid), name: named('name'), tags: tagged('tags') })
const variableSort = sortOf('NAME_ASC', 'NAME_DESC', 'CREATED_DESC', 'UPDATED_DESC')
const nameParams = z.object({ name: z.string() })

export const variables = {
  create: endpoint({
    method: 'POST',
    path: '/variables/',
    summary: 'Makes a variable.',
    body: z.strictObject({ name, value, tags: tags.default([]) }),
    output: variableWire,
    status: 201,
    errors: ['ALREADY_EXISTS'],
  }),
  read: endpoint({
    method: 'GET',
    path: '/variables/{id}',
    summary: 'One variable.',
    params: idParams,
    output: variableWire,
    errors: ['NOT_FOUND'],
  }),
  readByName: endpoint({
    method: 'GET',
    path: '/variables/name/{name}',
    summary: 'The variable of a name.',
    params: nameParams,
    output: variableWire,
    errors: ['NOT_FOUND'],
  }),
  list: endpoint({
    method: 'POST',
    path: '/variables/filter',
    summary: 'Variables that meet a filter.',
    body: optionalBody({ variables: variableFilter.nullish(), ...pageFields, sort: variableSort }),
    output: z.array(variableWire),
  }),
  count: endpoint({
    method: 'POST',
    path: '/variables/count',
    summary: 'How many variables meet a filter.',
    body: optionalBody({ variables: variableFilter.nullish() }),
    output: count,
  }),
  update: endpoint({
    method: 'PATCH',
    path: '/variables/{id}',
    summary: 'Changes a variable.',
    params: idParams,
    body: variableUpdate,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  }),
  updateByName: endpoint({
    method: 'PATCH',
    path: '/variables/name/{name}',
    summary: 'Changes the variable of a name.',
    params: nameParams,
    body: variableUpdate,
    errors: ['NOT_FOUND', 'ALREADY_EXISTS'],
  }),
  remove: endpoint({ method: 'DELETE', path: '/variables/{id}', summary: 'Deletes a variable.', params: idParams, errors: ['NOT_FOUND'] }),
  removeByName: endpoint({
    method: 'DELETE',
    path: '/variables/name/{name}',
    summary: 'Deletes the variable of a name.',
    params: nameParams,
    errors: ['NOT_FOUND'],
  }),
}
