import { expect, test } from 'vitest'
import { textPieces } from './log-text.ts'

test('what was searched for is marked whatever its case, also across a change of colour', () => {
  expect(textPieces('Time\u001B[31mout after 3 s', 'timeout')).toEqual([
    { text: 'Time', isMatch: true },
    { text: 'out', color: 'var(--ansi-red)', isMatch: true },
    { text: ' after 3 s', color: 'var(--ansi-red)' },
  ])
})

test('addresses become links, without the full stop behind them', () => {
  expect(textPieces('see https://example.com/a?b=1.', '')).toEqual([
    { text: 'see ' },
    { text: 'https://example.com/a?b=1', href: 'https://example.com/a?b=1' },
    { text: '.' },
  ])
})
