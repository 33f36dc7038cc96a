import { expect, test } from 'vitest'
import { loadSettings } from './load.ts'
import { shownSettings } from './shown.ts'

test('settings are shown by key, and no secret with them', () => {
  const environment = { TUTTI_HOME: '/data', TUTTI_API_AUTH_STRING: 'ada:secret', TUTTI_DATABASE_URL: 'postgres://ada:secret@db/tutti' }
  const shown = shownSettings(loadSettings(environment, () => undefined))

  expect(shown).toMatchObject({ home: '/data', database: { type: 'postgres' }, settings: { apiAuthString: '********', leaseBeat: 15_000 } })
  expect(JSON.stringify(shown)).not.toContain('ada')
})

test('a setting says what it does and whether somebody has set it', () => {
  const environment = { TUTTI_KEEP_LOGS: '14d', TUTTI_API_KEY: 'secret' }

  const { described } = shownSettings(loadSettings(environment, () => undefined))

  expect(described).toContainEqual(expect.objectContaining({ key: 'keepLogs', environment: 'TUTTI_KEEP_LOGS', is_default: false }))
  expect(described).toContainEqual(expect.objectContaining({ key: 'keepEvents', is_default: true }))
  expect(described).toContainEqual(expect.objectContaining({ key: 'apiKey', value: '********', is_secret: true }))
})
