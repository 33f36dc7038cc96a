import { z } from 'zod'
import { endpoint } from './endpoint.ts'

export const metrics = {
  text: endpoint({
    method: 'GET',
    path: '/metrics',
    summary: 'What the server counts about itself, in the text format of Prometheus.',
    output: z.string(),
    media: 'text/plain; version=0.0.4; charset=utf-8',
  }),
}
