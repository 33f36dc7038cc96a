import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { optionalBody } from './lists.ts'
import { pageFields } from './page.ts'
import { count } from './shapes.ts'

const resource = z.object({ resource_id: z.string() })
const template = z.string().default('')

/** What clients ask of automations although nobody has made one. */
export const automations = {
  list: endpoint({
    method: 'POST',
    path: '/automations/filter',
    summary: 'Automations that meet a filter.',
    body: optionalBody(pageFields),
    output: z.array(z.never()),
  }),
  count: endpoint({ method: 'POST', path: '/automations/count', summary: 'How many automations there are.', output: count }),
  relatedTo: endpoint({
    method: 'GET',
    path: '/automations/related-to/{resource_id}',
    summary: 'Automations that speak of a resource.',
    params: resource,
    output: z.array(z.never()),
  }),
  removeOwned: endpoint({
    method: 'DELETE',
    path: '/automations/owned-by/{resource_id}',
    summary: 'Deletes the automations that a resource brought along.',
    params: resource,
    output: z.null(),
    status: 202,
  }),
  validateTemplate: endpoint({
    method: 'POST',
    path: '/templates/validate',
    summary: 'Whether a template can be read.',
    body: template,
    errors: ['INVALID_REQUEST'],
  }),
  validateOwnTemplate: endpoint({
    method: 'POST',
    path: '/automations/templates/validate',
    summary: 'Whether a template can be read.',
    body: template,
    errors: ['INVALID_REQUEST'],
  }),
}
