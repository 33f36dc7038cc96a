import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { wire } from './values.ts'

export const collections = {
  view: endpoint({
    method: 'GET',
    path: '/collections/views/{view}',
    summary: 'What is known beforehand: kinds of workers and the templates of their pools.',
    params: z.object({ view: z.string() }),
    output: wire.object,
    errors: ['NOT_FOUND'],
  }),
}
