import type { Event, ResourceLabels } from '../core/event.ts'
import type { JsonText } from '../core/literal-json.ts'
import type { Tell, Told } from '../core/told.ts'
import type { Script, WriteOptions } from '../store/port.ts'
import type { Deps } from './deps.ts'

/** One transaction whose changes are told to those who watch once it is committed, and not before. */
export function writeAndTell<T>(deps: Deps, script: (told: Told[]) => Script<T>, options?: WriteOptions): Promise<T> {
  const { tell } = deps
  return tell === undefined ? deps.store.write(() => script([]), options) : writeThenTell(deps, script, tell, options)
}

async function writeThenTell<T>(deps: Deps, script: (told: Told[]) => Script<T>, tell: Tell, options?: WriteOptions): Promise<T> {
  let told: Told[] = []
  const result = await deps.store.write(() => {
    // A transaction that has to be repeated tells only of its last attempt.
    told = []
    return script(told)
  }, options)
  if (told.length > 0) tell(told)
  return result
}

export interface NewEvent {
  /** `prefect.deployment.created`. */
  readonly name: string
  readonly resource: ResourceLabels
  readonly related?: readonly ResourceLabels[]
  readonly payload: JsonText
}

/** Records an event of the server's own in the transaction of the change it tells of. */
export function* emit({ store, ids, clock }: Deps, told: Told[], { name, resource, related = [], payload }: NewEvent): Script<void> {
  const now = clock.now()
  const event: Event = { id: ids.next(), name, occurredAt: now, receivedAt: now, resource, related, payload, follows: null }
  yield* store.tables.events.append(event)
  told.push({ type: 'event', event })
}
