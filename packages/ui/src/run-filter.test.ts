import { expect, test } from 'vitest'
import { parseAddress, writeAddress } from './address.ts'
import { ALL_RUNS, conditionsOf, conditionsToWire, readRunFilter, runsAddress } from './run-filter.ts'
import type { RunFilter } from './run-filter.ts'

const NOW = Date.parse('2026-11-28T09:00:00Z')

const EVERYTHING: RunFilter = {
  states: ['FAILED', 'Late'],
  flows: ['01a186cf-b237-71e7-b611-daf316a7c58e'],
  deployments: ['01a2214e-9326-7150-a1a4-dea0fbc6f050'],
  pools: ['kubernetes-prod'],
  tags: ['prod', 'team & friends'],
  tagsAre: 'all',
  time: { type: 'last', ms: 86_400_000 },
  timeOf: 'expected',
  name: 'savvy',
  parameters: '"region": "eu"',
  subflows: 'out',
}

function throughAddress(filter: RunFilter): RunFilter {
  const values = parseAddress(writeAddress(runsAddress(filter)))
  const all = (name: string): readonly string[] => [values[name] ?? []].flat()
  return readRunFilter({ all, one: (name) => all(name)[0] })
}

test('whatever is chosen stands in the address and comes back from it', () => {
  expect(throughAddress(EVERYTHING)).toEqual(EVERYTHING)
})

test('nothing chosen leaves the address empty', () => {
  expect(runsAddress(ALL_RUNS)).toEqual({})
  expect(throughAddress(ALL_RUNS)).toEqual(ALL_RUNS)
})

test('the server is asked for types and names of states as alternatives, and for all the rest together', () => {
  expect(conditionsToWire(EVERYTHING, NOW)).toEqual({
    flow_runs: {
      state: { operator: 'or_', type: { any_: ['FAILED'] }, name: { any_: ['Late'] } },
      deployment_id: { any_: EVERYTHING.deployments },
      tags: { all_: EVERYTHING.tags },
      name: { like_: 'savvy' },
      parent_task_run_id: { is_null_: true },
      expected_start_time: { after_: '2026-11-27T09:00:00.000Z' },
    },
    flows: { id: { any_: EVERYTHING.flows } },
    work_pools: { name: { any_: ['kubernetes-prod'] } },
    parameters: { like_: '"region": "eu"' },
  })
})

test('runs that are planned for later are shown only where somebody asks for a time or for what is scheduled', () => {
  const upToNow = { flow_runs: { start_time: { before_: '2026-11-28T09:01:00.000Z' } } }

  expect(conditionsToWire(ALL_RUNS, NOW)).toEqual(upToNow)
  expect(conditionsToWire({ ...ALL_RUNS, states: ['SCHEDULED'] }, NOW).flow_runs?.start_time).toBeUndefined()
  expect(conditionsToWire({ ...ALL_RUNS, time: { type: 'next', ms: 3_600_000 } }, NOW)).toEqual({
    flow_runs: { start_time: { after_: '2026-11-28T09:00:00.000Z', before_: '2026-11-28T10:00:00.000Z' } },
  })
})

test('what a page has fixed does not count as chosen', () => {
  expect(conditionsOf({ ...ALL_RUNS, flows: ['x'], name: 'a' }, { flows: ['x'] })).toEqual(['name'])
})
