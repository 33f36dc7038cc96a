import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { setTimeout as realSleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventLoop } from '../system/event-loop.ts'
import { VirtualClock } from './virtual-clock.ts'

const START = 1_767_225_600_000_000
const HOUR_MS = 3_600_000

function clockOf({ jumps = true }: { readonly jumps?: boolean } = {}): VirtualClock {
  return new VirtualClock({ start: START, loop: eventLoop(), jumps })
}

function hoursOf(clock: VirtualClock): number {
  return (clock.now() - START) / 1000 / HOUR_MS
}

test('time jumps to the next timer when nothing else is left to do', async () => {
  const clock = clockOf()

  await clock.sleep(2 * HOUR_MS)
  await clock.sleep(3 * HOUR_MS)

  expect(hoursOf(clock)).toBe(5)
})

test('timers end in the order in which they are due, those of one moment in the order in which they were set', async () => {
  const clock = clockOf()
  const order: string[] = []

  await Promise.all([
    clock.sleep(3_000).then(() => order.push('3 s')),
    clock.sleep(1_000).then(() => order.push('1 s')),
    clock.sleep(2_000).then(() => order.push('2 s, set first')),
    clock.sleep(2_000).then(() => order.push('2 s, set second')),
  ])

  expect(order).toEqual(['1 s', '2 s, set first', '2 s, set second', '3 s'])
})

test('real work is waited for: a file, a timer, a chain of turns', async () => {
  const clock = clockOf()
  const order: string[] = []
  const work = async (): Promise<void> => {
    await readFile(import.meta.filename)
    await realSleep(20)
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    order.push('work')
  }

  await Promise.all([work(), clock.sleep(1).then(() => order.push('clock'))])

  expect(order).toEqual(['work', 'clock'])
})

test('a timer that was set before is no work, one that is set afterwards is, also when the first is gone', async () => {
  const earlier = realSleep(30)
  const clock = clockOf()
  clock.forget()
  const order: string[] = []

  const work = realSleep(120).then(() => order.push('work'))
  await Promise.all([work, clock.sleep(1).then(() => order.push('clock'))])
  await earlier

  expect(order).toEqual(['work', 'clock'])
})

test('a socket that stays open does not keep time from passing', async () => {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const clock = clockOf()
  const socket = connect({ port: (server.address() as AddressInfo).port }) // a server that listens on a port has one
  await once(socket, 'connect')

  await clock.sleep(HOUR_MS)

  expect(hoursOf(clock)).toBe(1)
  socket.destroy()
  server.close()
})

test('time stands still while something is held', async () => {
  const clock = clockOf()
  const held = Promise.withResolvers<string>()
  let slept = false

  const sleeping = clock.sleep(HOUR_MS).then(() => {
    slept = true
  })
  const holding = clock.hold(held.promise)
  await realSleep(10)
  const sleptWhileHeld = slept
  held.resolve('done')
  await sleeping

  expect(sleptWhileHeld).toBe(false)
  expect(await holding).toBe('done')
  expect(hoursOf(clock)).toBe(1)
})

test('two clocks in one process do not wait for one another', async () => {
  const clocks = [clockOf(), clockOf()]

  await Promise.all(clocks.map((clock) => clock.sleep(HOUR_MS)))

  expect(clocks.map(hoursOf)).toEqual([1, 1])
})

test('a clock that does not jump moves only when told, through every timer on the way', async () => {
  const clock = clockOf({ jumps: false })
  const rang: number[] = []
  const ring = async (): Promise<void> => {
    for (let count = 0; count < 3; count++) {
      await clock.sleep(HOUR_MS)
      rang.push(hoursOf(clock))
    }
  }

  const ringing = ring()
  await clock.advance(2.5 * HOUR_MS)
  const before = [...rang]
  await clock.advance(HOUR_MS)
  await ringing

  expect(before).toEqual([1, 2])
  expect(rang).toEqual([1, 2, 3])
  expect(hoursOf(clock)).toBe(3.5)
})

test('a sleep that is aborted ends with the reason, and its timer is gone', async () => {
  const clock = clockOf()
  const controller = new AbortController()

  const sleeping = clock.sleep(HOUR_MS, controller.signal)
  controller.abort(new Error('enough'))

  await expect(sleeping).rejects.toThrow('enough')
  await clock.settled()
  expect(hoursOf(clock)).toBe(0)
})

test('a timer that is taken back never fires', async () => {
  const clock = clockOf({ jumps: false })
  const fired: string[] = []
  const stop = clock.timer(1_000, () => fired.push('taken back'))
  clock.timer(1_000, () => fired.push('kept'))

  stop()
  await clock.advance(2_000)

  expect(fired).toEqual(['kept'])
})
