import { expect, test } from 'vitest'
import { offsetOf, zonesFor } from './zones.ts'

const ALL = ['Africa/Abidjan', 'America/New_York', 'America/North_Dakota/New_Salem', 'Asia/Ho_Chi_Minh', 'Europe/Vienna', 'Europe/York']

test('a zone is found by the words of its name, whatever their case and what is between them', () => {
  expect(zonesFor('new york', ALL, [])).toEqual(['America/New_York'])
  expect(zonesFor('Europe/vien', ALL, [])).toEqual(['Europe/Vienna'])
  expect(zonesFor('atlantis', ALL, [])).toEqual([])
})

test('what begins so comes first', () => {
  expect(zonesFor('york', ALL, [])).toEqual(['Europe/York', 'America/New_York'])
})

test('without a text the usual ones come first, each once, and not all of the world', () => {
  const many = Array.from({ length: 400 }, (_, index) => `Area/City_${index}`)

  const shown = zonesFor('', many, ['UTC', 'Area/City_7'])

  expect(shown.slice(0, 3)).toEqual(['UTC', 'Area/City_7', 'Area/City_0'])
  expect(shown).toHaveLength(60)
})

test('how far clocks are from UTC depends on the time of the year', () => {
  expect(offsetOf('Europe/Vienna', Date.parse('2026-01-15T00:00:00Z'))).toBe('UTC+1')
  expect(offsetOf('Europe/Vienna', Date.parse('2026-07-15T00:00:00Z'))).toBe('UTC+2')
  expect(offsetOf('America/St_Johns', Date.parse('2026-01-15T00:00:00Z'))).toBe('UTC−3:30')
})
