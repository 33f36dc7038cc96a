import { AsyncLocalStorage } from 'node:async_hooks'
import { actorText } from '../core/actor.ts'
import type { Actor } from '../core/actor.ts'
import type { ServerOrchestrator } from '../core/server-orchestrator.ts'

/** On whose behalf something is done, from where it begins down to the operations that it asks for. */
export interface Callers {
  run<T>(caller: Actor, work: () => T): T
  current(): Actor | undefined
}

export function createCallers(): Callers {
  const storage = new AsyncLocalStorage<Actor>()
  return { run: (caller, work) => storage.run(caller, work), current: () => storage.getStore() }
}

/** Callers whose orchestrators are kept at hand; one is made of closures only. */
const KEPT_MAX = 200

/** One orchestrator for each caller, over the same store. */
export function orchestratorsOf(
  make: (caller: Actor | undefined) => ServerOrchestrator,
): (caller: Actor | undefined) => ServerOrchestrator {
  const nobodys = make(undefined)
  const kept = new Map<string, ServerOrchestrator>()
  return (caller) => {
    if (caller === undefined) return nobodys
    const key = actorText(caller)
    const known = kept.get(key)
    if (known !== undefined) return known
    const made = make(caller)
    kept.set(key, made)
    if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value ?? '')
    return made
  }
}
