import { describe, expect, test } from 'vitest'
import { excerptOf } from './log-page.ts'

describe('an excerpt', () => {
  test('is the whole of a short message, with every place of the text, whatever its case', () => {
    expect(excerptOf('Retry: retrying (1/3)', 'retry')).toEqual({
      text: 'Retry: retrying (1/3)',
      matches: [
        [0, 5],
        [7, 12],
      ],
      isCut: false,
    })
  })

  test('takes the text as it is written, not as a pattern', () => {
    expect(excerptOf('cost (in $) a.b', '$) a.')).toMatchObject({ matches: [[9, 14]] })
  })

  test('lies around the first place in a long message', () => {
    const { text, matches, isCut } = excerptOf(`${'x'.repeat(5_000)}needle${'y'.repeat(5_000)}`, 'NEEDLE')

    expect(text).toHaveLength(300)
    expect(matches).toHaveLength(1)
    expect(text.slice(...matches[0]!)).toBe('needle')
    expect(isCut).toBe(true)
  })

  test('cuts no character in two', () => {
    const { text } = excerptOf(`${'😀'.repeat(400)}needle`, 'needle')

    expect(text.isWellFormed()).toBe(true)
    expect(text.endsWith('needle')).toBe(true)
  })
})
