import { errorOf } from './faults.ts'
import type { Faults, StoreCallKind } from './faults.ts'
import type { Store } from '../store/port.ts'
import type { Script } from '../store/script.ts'

export interface StoreProcess {
  /** Whether the process that uses the store still lives; a dead one gets no answer any more. */
  alive(): boolean
  /** Kills it, as a fault asked for. */
  crash(): void
}

/** A store whose calls go wrong on cue. What is not planned goes straight through, within the same call. */
export function faultyStore(store: Store, faults: Faults, process: StoreProcess): Store {
  function call<T>(kind: StoreCallKind, script: () => Script<T>): Promise<T> {
    if (!process.alive()) return never()
    const through = (): Promise<T> => (kind === 'read' ? store.read(script) : store.write(script))
    const fault = faults.next(kind)
    if (fault === undefined) return through()
    switch (fault.type) {
      case 'fail':
        return Promise.reject(errorOf(fault.error))
      case 'lose answer':
        return through().then(() => Promise.reject(errorOf('i/o error')))
      case 'crash': {
        const done = fault.when === 'after' ? through() : undefined
        process.crash()
        return done === undefined ? never() : done.then(() => never<T>())
      }
      case 'pause':
        fault.gate.reach()
        return fault.gate.released.then(() => (process.alive() ? through() : never()))
    }
  }

  return {
    ...store,
    read: (script) => call('read', script),
    write: (script) => call('write', script),
    // The store outlives its processes; whoever opened it closes it.
    close: async () => undefined,
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}
