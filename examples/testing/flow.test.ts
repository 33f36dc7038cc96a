import { checkReplay, matchers, testTutti } from 'tutti/testing'
import type { TuttiMatchers } from 'tutti/testing'
import { expect, test } from 'vitest'
import { reportOf } from './flow.ts'
import type { Shop } from './flow.ts'

/** A shop that plays along: it fails as often as it is told to, and remembers what was sent. */
function playShop({ failures = 0 }: { failures?: number } = {}): Shop & { sent: string[] } {
  const sent: string[] = []
  return {
    sent,
    async orders() {
      if (failures-- > 0) throw new Error('the shop is closed')
      return [10, 20]
    },
    async send(text) {
      sent.push(text)
    },
  }
}

test('a report waits ten minutes for a shop that is closed', async () => {
  await using tutti = await testTutti({ start: '2026-03-01T08:00:00Z' })
  const report = reportOf(playShop({ failures: 2 }))

  const run = await tutti.run(report, { day: '2026-02-28' })

  expect(run).toMatchObject({ state: 'completed', result: 30 })
  expect(tutti.clock.now()).toEqual(new Date('2026-03-01T08:20:00Z'))
})

test('a shop that does not answer is asked again after a minute', async () => {
  await using tutti = await testTutti()
  const shop = playShop()
  let asked = 0
  const slow: Shop = { ...shop, orders: (day) => (asked++ === 0 ? new Promise(() => undefined) : shop.orders(day)) }

  const run = await tutti.run(reportOf(slow), { day: '2026-02-28' })

  expect(run.calls[0]).toMatchObject({ task: 'fetch-orders', attempts: 2, state: 'completed' })
})

test('a report that was sent is not sent again after a crash', async () => {
  await using tutti = await testTutti()
  const shop = playShop()
  const report = reportOf(shop)
  tutti.faults.crash({ at: 4, kind: 'write', when: 'before' })

  const crashed = await tutti.run(report, { day: '2026-02-28' })
  const run = await tutti.resume(report, crashed)

  expect([crashed.state, run.state]).toEqual(['crashed', 'completed'])
  expect(run.calls.map((call) => [call.task, call.replayed])).toEqual([
    ['fetch-orders', true],
    ['send-report', true],
  ])
  expect(shop.sent).toEqual(['2026-02-28: 2 orders, 30 euros'])
})

test('a full disk at any moment leaves a report that goes on', async () => {
  for (let at = 1; at <= 5; at++) {
    await using tutti = await testTutti()
    const shop = playShop()
    const report = reportOf(shop)
    tutti.faults.fail({ at, with: 'disk full' })

    const run = await tutti.run(report, { day: '2026-02-28' })
    const last =
      run.id === '' ? await tutti.run(report, { day: '2026-02-28' }) : run.state === 'completed' ? run : await tutti.resume(report, run)

    expect(last.state).toBe('completed')
  }
})

expect.extend(matchers)

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends TuttiMatchers<R> {}
}

test('what a run did is said in one line each', async () => {
  await using tutti = await testTutti()

  const run = await tutti.run(reportOf(playShop({ failures: 1 })), { day: '2026-02-28' })

  expect(run).toHaveCompleted()
  expect(run).toHaveCalledInOrder(['fetch-orders', 'send-report'])
  expect(run).toHaveAttempts('fetch-orders', 2)
  expect(run).not.toHaveReplayed('send-report')
})

test('the report makes the same calls when it is played again', async () => {
  const checked = await checkReplay(reportOf(playShop()), { day: '2026-02-28' })

  expect(checked).toEqual({ same: true, calls: 2 })
})
