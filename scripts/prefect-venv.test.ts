import { expect, test } from 'vitest'
import { newestOfThree } from './prefect-venv.ts'

test('the newest Prefect is the first release of 3 that the index names, and no draft of one', () => {
  const printed = 'prefect (4.0.1)\nAvailable versions: 4.0.1, 3.9.1.dev1, 3.9.0, 3.8.3, 2.20.27\n  INSTALLED: none\n'

  expect(newestOfThree(printed)).toBe('3.9.0')
})

test('an index that names none says nothing of the newest Prefect', () => {
  expect(newestOfThree('ERROR: No matching distribution found for prefect')).toBeUndefined()
})
