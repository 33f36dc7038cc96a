import { z } from 'zod'
import { JsonText } from '../core/literal-json.ts'
import type { SavedSearch } from '../core/saved-search.ts'
import { endpoint } from './endpoint.ts'
import { optionalBody } from './lists.ts'
import { pageFields } from './page.ts'
import { idParams } from './shapes.ts'
import { jsonOf, timeText, wire } from './values.ts'

const FILTERS_MAX = 200

const filter = z.looseObject({ object: z.string(), property: z.string(), type: z.string(), operation: z.string(), value: z.unknown() })

const savedSearchWire = z
  .object({ id: wire.uuid, created: wire.time, updated: wire.time, name: z.string(), filters: wire.json })
  .meta({ id: 'SavedSearch' })

export function savedSearchToWire({ id, name, filters, createdAt, updatedAt }: SavedSearch): z.input<typeof savedSearchWire> {
  return { id, created: timeText(createdAt), updated: timeText(updatedAt), name, filters: jsonOf(filters) }
}

export const savedSearches = {
  save: endpoint({
    method: 'PUT',
    path: '/saved_searches/',
    summary: 'Saves a search under its name; one of that name gets the new filters.',
    body: z.strictObject({
      name: z.string().min(1).max(255),
      filters: z.array(filter).max(FILTERS_MAX).default([]).transform(JsonText.of),
    }),
    output: savedSearchWire,
    alsoStatus: [201],
  }),
  list: endpoint({
    method: 'POST',
    path: '/saved_searches/filter',
    summary: 'Saved searches, by name.',
    body: optionalBody(pageFields),
    output: z.array(savedSearchWire),
  }),
  read: endpoint({
    method: 'GET',
    path: '/saved_searches/{id}',
    summary: 'One saved search.',
    params: idParams,
    output: savedSearchWire,
    errors: ['NOT_FOUND'],
  }),
  remove: endpoint({
    method: 'DELETE',
    path: '/saved_searches/{id}',
    summary: 'Deletes a saved search.',
    params: idParams,
    errors: ['NOT_FOUND'],
  }),
}
