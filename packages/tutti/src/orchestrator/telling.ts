import type { Event, ResourceLabels } from '../core/event.ts'
import type { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Script, WriteOptions } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { tellElsewhere } from './elsewhere.ts'

/** One transaction whose changes are told to those who watch once it is committed, and not before. */
export function writeAndTell<T>(deps: Deps, script: (told: Told[]) => Script<T>, options?: WriteOptions): Promise<T> {
  const { tell, store } = deps
  if (tell === undefined && store.wakes === undefined) return store.write(() => script([]), options)
  return writeThenTell(deps, script, options)
}

async function writeThenTell<T>({ store, tell }: Deps, script: (told: Told[]) => Script<T>, options?: WriteOptions): Promise<T> {
  let told: Told[] = []
  const result = await store.write(function* () {
    // A transaction that has to be repeated tells only of its last attempt.
    told = []
    const answer = yield* script(told)
    yield* tellElsewhere(store, told)
    return answer
  }, options)
  if (told.length > 0) tell?.(told)
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
