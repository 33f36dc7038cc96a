import { expect, test } from 'vitest'
import { CUT, EMPTY_WINDOW, isAfter, levelOf, streamOf, windowOf, withEarlier, withLater, withWritten } from './log-window.ts'
import type { LogLine, LogPage } from './log-window.ts'

function line(n: number): LogLine {
  const seconds = String(n).padStart(2, '0')
  const timestamp = `2026-01-01T00:00:${seconds}Z`
  return { id: `line-${seconds}`, timestamp, level: 20, name: 'run', message: `line ${n}`, flow_run_id: null, task_run_id: null }
}

function page(from: number, to: number, more: Partial<LogPage> = {}): LogPage {
  const lines = Array.from({ length: to - from }, (_, at) => line(from + at))
  return { lines, before: null, after: `after-${to}`, more_after: false, ...more }
}

const numbers = ({ lines }: { readonly lines: readonly LogLine[] }): readonly string[] => lines.map(({ message }) => message.slice(5))

test('a window grows at both ends', () => {
  const middle = windowOf(page(10, 12, { before: 'before-10', more_after: true }))

  const grown = withLater(withEarlier(middle, page(8, 10)), page(12, 14))

  expect(numbers(grown)).toEqual(['8', '9', '10', '11', '12', '13'])
  expect(grown).toMatchObject({ before: null, after: 'after-14', hasMoreAfter: false })
})

test('what is far from where one reads is let go of, and known to be there', () => {
  const up = withEarlier(windowOf(page(4, 8)), page(0, 4), 6)
  const down = withLater(windowOf(page(0, 4)), page(4, 8), 6)

  expect(numbers(up)).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(up).toMatchObject({ hasMoreAfter: true, after: null })
  expect(numbers(down)).toEqual(['2', '3', '4', '5', '6', '7'])
  expect(down.before).toBe(CUT)
})

test('lines that are written are taken up at the end, each once', () => {
  const held = windowOf(page(0, 3))

  const grown = withWritten(held, [line(1), line(2), line(3), line(4)])

  expect(numbers(grown)).toEqual(['0', '1', '2', '3', '4'])
  expect(withWritten(grown, [line(4)])).toBe(grown)
})

test('lines that are written are left where the end is not held', () => {
  const held = windowOf(page(0, 3, { more_after: true }))

  expect(withWritten(held, [line(9)])).toBe(held)
  expect(numbers(withWritten(EMPTY_WINDOW, [line(0)]))).toEqual(['0'])
})

test('moments with and without a fraction are told apart in time', () => {
  const whole = { ...line(1), timestamp: '2026-01-01T00:00:01Z' }
  const later = { ...line(0), timestamp: '2026-01-01T00:00:01.5Z' }

  expect([isAfter(later, whole), isAfter(whole, later)]).toEqual([true, false])
})

test('levels between the known ones count as the one below, and streams are known by their loggers', () => {
  expect([5, 10, 20, 25, 30, 40, 50, 99].map(levelOf)).toEqual([
    'debug',
    'debug',
    'info',
    'info',
    'warning',
    'error',
    'critical',
    'critical',
  ])
  expect(['tutti.stdout', 'stderr', 'app.stdouts'].map(streamOf)).toEqual(['stdout', 'stderr', undefined])
})
