import { expect, test } from 'vitest'
import { resourceOf, stateOfEvent, wordsOf } from './resources.ts'

test('a resource that has a page leads there', () => {
  expect(resourceOf({ 'prefect.resource.id': 'prefect.flow-run.1', 'prefect.resource.name': 'calm-owl' })).toMatchObject({
    kind: 'flow-run',
    name: 'calm-owl',
    to: '/runs/1',
  })
  expect(resourceOf({ 'prefect.resource.id': 'prefect.work-pool.1', 'prefect.resource.name': 'my pool' }).to).toBe('/work-pools/my%20pool')
})

test('a resource of somebody else is named by its id and leads nowhere', () => {
  expect(resourceOf({ 'prefect.resource.id': 'orders.42' })).toMatchObject({ kind: 'resource', name: 'orders.42', to: undefined })
})

test('the name of an event is told in words', () => {
  expect(wordsOf('prefect.work-queue.not-ready')).toBe('Work queue not ready')
  expect(wordsOf('prefect.flow-run.Completed')).toBe('Flow run completed')
  expect(wordsOf('paid')).toBe('paid')
})

test('a change of state has the tone of the state', () => {
  expect(stateOfEvent('prefect.flow-run.Late')).toEqual({ type: 'SCHEDULED', name: 'Late' })
  expect(stateOfEvent('prefect.task-run.Failed')).toEqual({ type: 'FAILED', name: 'Failed' })
  expect(stateOfEvent('prefect.variable.created')).toBeUndefined()
})
