import { automations } from '../../api/automations.ts'
import { templateError } from '../../core/template.ts'
import type { Mount } from '../mount.ts'
import { Reply } from '../reply.ts'

/** Nobody can make an automation yet: there are none, and clients that ask go on. */
export function mountAutomations(mount: Mount): void {
  mount(automations.list, async () => [])
  mount(automations.count, async () => 0)
  mount(automations.relatedTo, async () => [])
  mount(automations.removeOwned, async () => null)
  for (const endpoint of [automations.validateTemplate, automations.validateOwnTemplate]) {
    mount(endpoint, async ({ body }) => {
      const error = templateError(body)
      return new Reply(
        error === undefined ? 204 : 422,
        error === undefined ? undefined : { error: { ...error, source: body } },
      ) as Reply<undefined> // of a refusal
    })
  }
}
