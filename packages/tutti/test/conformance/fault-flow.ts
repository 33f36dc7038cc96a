import { flow } from '../../src/sdk/flow.ts'
import { task } from '../../src/sdk/task.ts'

/**
 * A small flow with everything that writes to the store in its own way: tasks one after the other, a retry, a sub-flow, a map. It notes what
 * was called, and which results had reached the flow: those are committed, and their functions must never start again.
 */
export function faultFlow() {
  const called: string[] = []
  const acknowledged = new Set<string>()
  const repeated: string[] = []
  let failing = true

  function call(name: string): void {
    if (acknowledged.has(name)) repeated.push(name)
    called.push(name)
  }

  async function seen<T>(name: string, result: PromiseLike<T>): Promise<T> {
    const value = await result
    acknowledged.add(name)
    return value
  }

  const fetchRows = task({ name: 'fetch-rows', retries: 2, retryDelay: 1 }, async (from: string) => {
    call('fetch')
    if (failing) {
      failing = false
      throw new Error('not there yet')
    }
    return from
  })
  const double = task({ name: 'double' }, async (value: number) => {
    call(`double ${value}`)
    return value * 2
  })
  const child = flow({ name: 'child' }, async (value: number) => {
    const doubled = await seen(`double ${value}`, double(value))
    return seen(`double ${doubled}`, double(doubled))
  })
  const save = task({ name: 'save' }, async (value: number) => {
    call(`save ${value}`)
    // Large enough that the database has to grow.
    return { value, text: 'z'.repeat(20_000) }
  })
  const parent = flow({ name: 'parent' }, async () => {
    const from = await seen('fetch', fetchRows('rows'))
    const four = await child(from.length / 4)
    const saved = await save.map([1, 2, 3])
    for (const { value } of saved) acknowledged.add(`save ${value}`)
    await seen('save 9', save(9))
    return four + saved.reduce((sum, { value }) => sum + value, 0)
  })

  return { flow: parent, called, acknowledged, repeated }
}

/** What the flow returns. */
export const FAULT_FLOW_RESULT = 10
