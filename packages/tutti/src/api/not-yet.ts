import { endpoint } from './endpoint.ts'

const notYet = (method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, summary: string) => endpoint({ method, path, summary })

/** Operations of the protocol that are not offered yet: whoever asks is told so (501). They have no verb in the client, and no place in the reference. */
export const notYetOffered = {
  automationsCreate: notYet('POST', '/automations/', 'Makes an automation.'),
  automationsReplace: notYet('PUT', '/automations/{id}', 'Replaces an automation.'),
  automationsUpdate: notYet('PATCH', '/automations/{id}', 'Switches an automation on or off.'),
  automationsRead: notYet('GET', '/automations/{id}', 'One automation.'),
  automationsRemove: notYet('DELETE', '/automations/{id}', 'Deletes an automation.'),
} as const
