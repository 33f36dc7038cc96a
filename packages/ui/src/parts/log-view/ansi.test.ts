import { expect, test } from 'vitest'
import { ansiSpans, withoutAnsi } from './ansi.ts'

const ESC = '\u001B'

test('text without escapes is one piece', () => {
  expect(ansiSpans('12 rows loaded')).toEqual([{ text: '12 rows loaded' }])
})

test('colours and weights begin and end where the program says', () => {
  expect(ansiSpans(`${ESC}[1;31mred${ESC}[22m thin${ESC}[39m plain`)).toEqual([
    { text: 'red', isBold: true, color: 'var(--ansi-red)' },
    { text: ' thin', color: 'var(--ansi-red)' },
    { text: ' plain' },
  ])
})

test('a reset without a number ends everything', () => {
  expect(ansiSpans(`${ESC}[4;92mgreen${ESC}[m plain`)).toEqual([
    { text: 'green', isUnderlined: true, color: 'var(--ansi-bright-green)' },
    { text: ' plain' },
  ])
})

test('colours of the palette and of the whole spectrum are written as CSS', () => {
  expect(ansiSpans(`${ESC}[38;5;196mA${ESC}[48;5;244mB${ESC}[38;2;1;2;3mC`).map(({ color, background }) => [color, background])).toEqual([
    ['rgb(255 0 0)', undefined],
    ['rgb(255 0 0)', 'rgb(128 128 128)'],
    ['rgb(1 2 3)', 'rgb(128 128 128)'],
  ])
})

test('movements of the cursor, titles and bells are dropped', () => {
  expect(withoutAnsi(`${ESC}[2K${ESC}[1Gdone${ESC}]0;title\u0007\u0007 now`)).toBe('done now')
})
