import { expect, it } from 'vitest'
import type { DeploymentVersion } from '../../queries.ts'
import { diffBetween } from './version-diff.ts'

function version(number: number, changes: DeploymentVersion['changes']): DeploymentVersion {
  return {
    id: `v${number}`,
    deployment_id: 'd',
    number,
    version: null,
    is_current: false,
    created: '2026-01-01T00:00:00Z',
    origin: null,
    changes,
  }
}

const versions = [
  version(4, [{ field: 'tags', was: ['b'], now: ['a'] }]),
  version(3, [
    { field: 'tags', was: ['a'], now: ['b'] },
    { field: 'parameters.day', was: '1' },
  ]),
  version(2, [{ field: 'parameters.day', now: '1' }]),
  version(1, []),
]

it('between neighbours is what the later one changed', () => {
  expect(diffBetween(versions, 2, 3)).toEqual([
    { field: 'parameters.day', was: '1', now: undefined },
    { field: 'tags', was: ['a'], now: ['b'] },
  ])
})

it('over several versions is what is left of all changes', () => {
  expect(diffBetween(versions, 1, 4)).toEqual([])
  expect(diffBetween(versions, 1, 3)).toEqual([{ field: 'tags', was: ['a'], now: ['b'] }])
})

it('goes back as it goes forward', () => {
  expect(diffBetween(versions, 3, 2)).toEqual([
    { field: 'parameters.day', was: undefined, now: '1' },
    { field: 'tags', was: ['b'], now: ['a'] },
  ])
})
