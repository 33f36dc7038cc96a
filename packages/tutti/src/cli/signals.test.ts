import { expect, test } from 'vitest'
import type { World } from './world.ts'
import { handleSignals } from './signals.ts'
import type { Signals } from './signals.ts'

type Events = Parameters<World['listen']>[0]

interface Scene {
  readonly signals: Signals
  readonly events: Events
  /** What happened, in order. */
  readonly happened: string[]
  now: number
}

function aScene(): Scene {
  const happened: string[] = []
  let events: Events | undefined
  const scene = { now: 0 }
  const world = {
    clock: { now: () => scene.now },
    errors: { write: () => undefined, isTerminal: false, columns: undefined, colours: false, gone: false },
    listen: (given: Events) => {
      events = given
      return () => happened.push('stopped listening')
    },
    exit: (code: number) => happened.push(`exit ${code}`),
  }
  const tutti = {
    cancelAll: async (reason: string) => void happened.push(`cancel: ${reason}`),
    endNow: (reason: string) => happened.push(`end: ${reason}`),
  }
  // Only these parts of the world are used.
  const signals = handleSignals(world as unknown as World, tutti)
  if (events === undefined) throw new Error('nothing listens')
  return Object.assign(scene, { signals, events, happened })
}

test('the first Ctrl-C cancels, the next one ends the process with what is finished recorded', () => {
  const scene = aScene()

  scene.events.onStop('SIGINT', false)
  scene.now += 1_000_000
  scene.events.onStop('SIGINT', true)

  expect(scene.happened).toEqual(['cancel: the process got SIGINT', 'end: the process got SIGINT again', 'exit 130'])
})

test('one press that arrives twice counts once', () => {
  const scene = aScene()

  scene.events.onStop('SIGINT', false)
  scene.now += 20_000
  scene.events.onStop('SIGINT', true)

  expect(scene.happened).toEqual(['cancel: the process got SIGINT'])
  expect(scene.signals.code()).toBe(130)
})

test('a request to end has its own exit code', () => {
  const scene = aScene()

  scene.events.onStop('SIGTERM', false)

  expect(scene.signals.code()).toBe(143)
})

test('without a signal there is no code', () => {
  expect(aScene().signals.code()).toBeUndefined()
})

test('a process that ends under a run records why', () => {
  const scene = aScene()

  scene.events.onExit(3, undefined)
  scene.events.onExit(1, { error: new Error('boom') })

  expect(scene.happened).toEqual([
    'end: the process ended with exit code 3 while the run was running',
    'end: the process ended because of an error that nobody caught: boom',
  ])
})
