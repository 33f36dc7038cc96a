import { z } from 'zod'
import { endpoint } from './endpoint.ts'

/** What clients ask before anything else. */
export const root = {
  health: endpoint({ method: 'GET', path: '/health', summary: 'Whether the server answers.', output: z.boolean() }),
  ready: endpoint({
    method: 'GET',
    path: '/ready',
    summary: 'Whether the server reaches its database.',
    output: z.object({ message: z.string() }),
    alsoStatus: [503],
  }),
  hello: endpoint({ method: 'GET', path: '/hello', summary: 'A greeting.', output: z.string() }),
  version: endpoint({ method: 'GET', path: '/version', summary: 'The level of the protocol.', output: z.string() }),
  csrfToken: endpoint({
    method: 'GET',
    path: '/csrf-token',
    summary: 'A token against forged requests; this server has another protection and says so with 422.',
    output: z.object({ token: z.string() }),
  }),
  adminVersion: endpoint({
    method: 'GET',
    path: '/admin/version',
    summary: 'The version of the protocol’s product that clients compare with their own.',
    output: z.string(),
  }),
}
