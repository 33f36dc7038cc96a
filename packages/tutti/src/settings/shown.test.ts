import { expect, test } from 'vitest'
import { loadSettings } from './load.ts'
import { shownSettings } from './shown.ts'

test('settings are shown by key, and no secret with them', () => {
  const environment = { TUTTI_HOME: '/data', TUTTI_API_AUTH_STRING: 'ada:secret', TUTTI_DATABASE_URL: 'postgres://ada:secret@db/tutti' }
  const shown = shownSettings(loadSettings(environment, () => undefined))

  expect(shown).toMatchObject({ home: '/data', database: { type: 'postgres' }, settings: { apiAuthString: '********', leaseBeat: 15_000 } })
  expect(JSON.stringify(shown)).not.toContain('ada')
})
