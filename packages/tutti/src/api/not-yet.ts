import { endpoint } from './endpoint.ts'

const notYet = (method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, summary: string) => endpoint({ method, path, summary })

/** Operations of the protocol that are not offered yet: whoever asks is told so (501). They have no verb in the client, and no place in the reference. */
export const notYetOffered = {
  automationsCreate: notYet('POST', '/automations/', 'Makes an automation.'),
  automationsReplace: notYet('PUT', '/automations/{id}', 'Replaces an automation.'),
  automationsUpdate: notYet('PATCH', '/automations/{id}', 'Switches an automation on or off.'),
  automationsRead: notYet('GET', '/automations/{id}', 'One automation.'),
  automationsRemove: notYet('DELETE', '/automations/{id}', 'Deletes an automation.'),
  savedSearchesSave: notYet('PUT', '/saved_searches/', 'Saves a search by its name.'),
  savedSearchesFilter: notYet('POST', '/saved_searches/filter', 'Saved searches.'),
  savedSearchesRead: notYet('GET', '/saved_searches/{id}', 'One saved search.'),
  savedSearchesRemove: notYet('DELETE', '/saved_searches/{id}', 'Deletes a saved search.'),
} as const
