import { expect, test } from 'vitest'
import { failingFlows } from './failing.ts'

function failure(flowId: string, id: string) {
  return { id, flow_id: flowId, expected_start_time: null, start_time: null, state: { message: `of ${id}` }, state_name: 'Failed' }
}

function past(states: string): { id: string; state_type: string; expected_start_time: string }[] {
  const types: Readonly<Record<string, string>> = { f: 'FAILED', x: 'CRASHED', c: 'COMPLETED', r: 'RUNNING' }
  return [...states].map((state, at) => ({ id: `${at}`, state_type: types[state]!, expected_start_time: `${20 - at}:00` }))
}

test('a flow whose last runs failed is broken since the first of them, and comes before one that has recovered', () => {
  const runs = { a: past('cfff'), b: past('rfxcf') }

  const found = failingFlows([failure('a', '1'), failure('a', '2'), failure('b', '3')], (id) => runs[id as 'a' | 'b'])

  expect(found).toMatchObject([
    { flowId: 'b', failures: 1, brokenSince: '18:00', inARow: 2, isLonger: false, last: { id: '3' } },
    { flowId: 'a', failures: 2, brokenSince: undefined, inARow: 0, last: { id: '1' } },
  ])
})

test('where all that is known failed, it may have begun earlier', () => {
  expect(failingFlows([failure('a', '1')], () => past('ff'))).toMatchObject([{ inARow: 2, isLonger: true }])
})
