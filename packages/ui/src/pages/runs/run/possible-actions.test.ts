import { expect, test } from 'vitest'
import { possibleActions } from './possible-actions.ts'

function names(stateType: string, stateName = stateType): readonly string[] {
  const possible = possibleActions({ stateType, stateName, isDeployed: true })
  return Object.entries(possible).flatMap(([name, is]) => (is ? [name] : []))
}

test('a run that runs can be cancelled, one that is being cancelled can be forced', () => {
  expect(names('RUNNING')).toEqual(['cancel', 'runAgain'])
  expect(names('CANCELLING')).toEqual(['force', 'runAgain'])
})

test('a run that failed can be tried again, in place or anew; one that completed only anew', () => {
  expect(names('FAILED')).toEqual(['retry', 'rerun', 'runAgain', 'delete'])
  expect(names('COMPLETED')).toEqual(['rerun', 'runAgain', 'delete'])
})

test('a run that waits for its time can be started, paused, cancelled or deleted; one that sleeps keeps its wait', () => {
  expect(names('SCHEDULED')).toEqual(['cancel', 'pause', 'runAgain', 'runNow', 'delete'])
  expect(names('SCHEDULED', 'Sleeping')).not.toContain('pause')
})

test('without a deployment nobody is there who would start another run', () => {
  expect(possibleActions({ stateType: 'COMPLETED', stateName: 'Completed', isDeployed: false }).runAgain).toBe(false)
})
