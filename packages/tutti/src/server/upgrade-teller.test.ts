import { expect, test } from 'vitest'
import { handClock } from '../../test/conformance/protocol/open-server.ts'
import { upgradeTeller } from './upgrade-teller.ts'

const COPY = { type: 'copy', path: '/data/tutti.db', to: '/data/tutti.db.before-20', sizeBytes: 4e9 } as const

/** What is logged, and how large the copy is. */
function setUp() {
  const lines: string[] = []
  const copy = { bytes: 0 }
  const clock = handClock()
  const log = { write: (_level: string, text: string, fields?: object) => void lines.push(`${text} ${JSON.stringify(fields ?? {})}`) }
  return { lines, copy, clock, tell: upgradeTeller(log, clock, () => copy.bytes) }
}

test('the copy of a large file is told with its progress, then the change, then the end', () => {
  const { lines, copy, clock, tell } = setUp()

  tell(COPY)
  copy.bytes = 1e9
  clock.advance(5_000)
  copy.bytes = 3e9
  clock.advance(5_000)
  tell({ type: 'change', path: COPY.path })
  clock.advance(5_000)
  tell(null)
  clock.advance(60_000)

  expect(lines).toEqual([
    'the database is of an earlier version: it is copied before its schema is changed {"database":"/data/tutti.db","copy":"/data/tutti.db.before-20","size":"4.00 GB"}',
    'the database is being copied {"percent":25,"copied":"1.00 GB","of":"4.00 GB"}',
    'the database is being copied {"percent":75,"copied":"3.00 GB","of":"4.00 GB"}',
    'the database is copied; its schema is being changed {"database":"/data/tutti.db"}',
    'the schema is still being changed {"seconds":5}',
    'the database is up to date {}',
  ])
})

test('a small file, and one that is up to date, are opened without a word', () => {
  const { lines, clock, tell } = setUp()

  tell({ ...COPY, sizeBytes: 1e6 })
  clock.advance(10_000)
  tell({ type: 'change', path: COPY.path })
  tell(null)
  tell(null)

  expect([lines, clock.waiting]).toEqual([[], 0])
})
