import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MaskedParts } from './masked-parts.ts'
import { SecretMask } from './secret-mask.ts'

function maskOf(...values: readonly string[]): SecretMask {
  const mask = new SecretMask()
  for (const value of values) mask.add(value)
  return mask
}

function inParts(mask: SecretMask, parts: readonly string[]): readonly string[] {
  const masked = new MaskedParts(mask)
  return parts.map((part, index) => (index === parts.length - 1 ? masked.end(part) : masked.push(part)))
}

/** The text in parts that end at the given places. */
function partsOf(text: string, places: readonly number[]): readonly string[] {
  const ends = [...new Set(places.map((place) => place % (text.length + 1))), text.length].sort((a, b) => a - b)
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end))
}

test('a value that begins in one part and ends in the next is hidden', () => {
  expect(inParts(maskOf('hunter22'), ['password hun', 'ter22 of me'])).toEqual(['password ', '******** of me'])
})

test('what only looked like a value is shown with the next part', () => {
  expect(inParts(maskOf('hunter22'), ['the hun', 'ting of the snark'])).toEqual(['the ', 'hunting of the snark'])
})

test('a part waits for no more than the longest value, however many overlap', () => {
  const shown = inParts(maskOf('aaaa'), [...Array.from({ length: 100 }, () => 'aaa'), '!'])

  expect(shown.join('')).toBe('********!')
})

test('a value that becomes known between two parts is hidden from then on', () => {
  const mask = maskOf('first value')
  const parts = new MaskedParts(mask)

  const shown = [parts.push('fir')]
  mask.add('second value')
  shown.push(parts.push('st value, sec'), parts.end('ond value'))

  expect(shown).toEqual(['', '********, ', '********'])
})

test('wherever a text is parted, no value is shown, and all else is', () => {
  const secrets = fc.array(fc.stringMatching(/^[a-c]{4,12}$/), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(secrets, fc.array(fc.stringMatching(/^[a-c .]{0,8}$/), { minLength: 1 }), fc.array(fc.nat()), (values, around, places) => {
      const mask = maskOf(...values)
      const text = around.map((each, index) => `${each}${values[index % values.length]}`).join('')

      const shown = inParts(mask, partsOf(text, places)).join('')

      expect(shown.replaceAll(/\*+/g, '*')).toBe(mask.mask(text).replaceAll(/\*+/g, '*'))
    }),
    { numRuns: 1_000 },
  )
})
