import { afterEach, beforeEach, expect, test } from 'vitest'
import { CrashHome } from './crash-home.ts'
import type { ChildEnd } from './crash-home.ts'

let home: CrashHome

beforeEach(() => {
  home = new CrashHome()
})

afterEach(() => home.close())

/** Runs a flow until it kills its process, then lets another process go on with it. */
async function playTwice(name: string): Promise<ChildEnd> {
  const killed = await home.startFile('branches.ts', name).ended
  expect(killed).toMatchObject({ signal: 'SIGKILL', errors: '' })
  return resume(name)
}

function resume(name: string): Promise<ChildEnd> {
  return home.startFile('branches.ts', name, rootOf(name).id).ended
}

function rootOf(name: string): { readonly id: string; readonly state: string; readonly attempt: number } {
  const root = home.stored().flowRuns.find((each) => each.flow === name)
  if (root === undefined) throw new Error(`there is no run of ${name}`)
  return root
}

test.each([
  ['a failure that the flow caught is caught again', 'caught', 'RangeError: out of range', ['broken', 'RangeError: out of range']],
  ['Promise.race has the same winner again', 'race', 'b', ['b']],
  ['equal calls at the same time each have their own result again', 'equal', '1,2,3', ['urn', 'urn', 'urn']],
  ['a call with other arguments than before runs', 'changed', 'done', ['in life 1', 'in life 2']],
  [
    'a call whose arguments cannot be compared runs again, unless it has a key',
    'unhashable',
    'without key,with key',
    ['apply', 'apply', 'apply'],
  ],
  [
    'a finished sub-flow is not entered, an unfinished one goes on',
    'subFlows',
    'first,second',
    ['first begins', 'first ends', 'second begins', 'second ends'],
  ],
  ['a map goes on with the items that were not finished', 'map', '2,4,6,8', ['1', '2', '3', '3', '4']],
])('after a kill -9, %s', async (_text, name, result, calls) => {
  const { code, errors } = await playTwice(name)

  expect({ code, errors }).toEqual({ code: 0, errors: '' })
  expect(home.lines('result')).toEqual([result])
  expect(home.lines('calls')).toEqual(calls)
  const { flowRuns } = home.stored()
  expect(flowRuns.map(({ flow, state }) => `${flow} ${state}`)).toEqual(
    name === 'subFlows' ? ['subFlows completed', 'part completed', 'part completed'] : [`${name} completed`],
  )
})

test("after a kill -9, a call with other arguments than before is refused when its task says onChange: 'fail'", async () => {
  const { code, errors } = await playTwice('refused')

  expect(code).toBe(1)
  expect(errors).toContain('TASK_CALL_CHANGED')
  expect(home.lines('calls')).toEqual(['in life 1'])
  expect(rootOf('refused').state).toBe('failed')
})

test('a task that kills its process every time counts its attempts, and what was finished before it is left alone', async () => {
  await playTwice('poison')
  await resume('poison')

  const last = await resume('poison')

  expect(last.code).toBe(0)
  expect(home.lines('calls')).toEqual(['before', 'attempt 1', 'attempt 2', 'attempt 3', 'attempt 4'])
  expect(rootOf('poison')).toMatchObject({ state: 'completed', attempt: 4 })
})
