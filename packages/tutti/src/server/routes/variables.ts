import type { Input } from '../../api/endpoint.ts'
import { pageOf } from '../../api/page.ts'
import { variables, variableToWire } from '../../api/variables.ts'
import { ANYTHING } from '../../core/condition.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { NewVariable } from '../../core/variable.ts'
import type { Mount } from '../mount.ts'

export function mountVariables(mount: Mount, { variables: door }: ServerOrchestrator): void {
  mount(variables.create, async ({ body }) => variableToWire(await door.create(body)))
  mount(variables.read, async ({ params }) => variableToWire(await door.read(params)))
  mount(variables.readByName, async ({ params }) => variableToWire(await door.read(params)))
  mount(variables.list, async ({ body }) => {
    const listing = { where: body.variables ?? ANYTHING, sort: body.sort, ...pageOf(body) }
    return (await door.list(listing)).map(variableToWire)
  })
  mount(variables.count, ({ body }) => door.count(body.variables ?? ANYTHING))
  mount(variables.update, ({ params, body }) => door.update(params, changes(body)))
  mount(variables.updateByName, ({ params, body }) => door.update(params, changes(body)))
  mount(variables.remove, ({ params }) => door.remove(params))
  mount(variables.removeByName, ({ params }) => door.remove(params))
}

/** A name or tags that are null are not given; a value may be null. */
function changes({ name, value, tags }: Input<typeof variables.update>['body']): Partial<NewVariable> {
  return {
    ...(name === null || name === undefined ? undefined : { name }),
    ...(value === undefined ? undefined : { value }),
    ...(tags === null || tags === undefined ? undefined : { tags }),
  }
}
