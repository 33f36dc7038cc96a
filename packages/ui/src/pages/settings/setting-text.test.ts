import { expect, test } from 'vitest'
import { settingText, tableText } from './setting-text.ts'

function setting(value: unknown, key: string, usual: string) {
  return { key, environment: '', about: '', value, default: usual, is_default: true, is_secret: false }
}

test('a setting is told with its unit', () => {
  expect(settingText(setting(15_000, 'leaseBeat', '15s'))).toBe('15 s')
  expect(settingText(setting(30, 'keepLogs', '30d'))).toBe('30 days')
  expect(settingText(setting(33_554_432, 'serverBodyMax', '32MB'))).toBe('32 MiB')
  expect(settingText(setting(100, 'taskConcurrency', '100'))).toBe('100')
  expect(settingText(setting('', 'apiUrl', ''))).toBe('not set')
  expect(settingText(setting([], 'serverHosts', ''))).toBe('not set')
})

test('a table is called by what it holds', () => {
  expect(tableText('flow_run_states')).toBe('Flow run states')
})
