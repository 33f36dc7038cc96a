import { expect, test } from 'vitest'
import { ACTOR_KINDS, actorOf, actorText, describeActor, processActor, RECOVERY } from './actor.ts'

test('an actor is read from its own text, whatever its name holds', () => {
  const actor = { kind: 'client', name: 'curl/8.5.0 · 10.0.0.7' } as const

  expect(actorOf(actorText(actor))).toEqual(actor)
})

test.each(['', 'worker', 'worker ', 'nobody a', ' worker a'])('%j is no actor', (text) => {
  expect(actorOf(text)).toBeUndefined()
})

test('a name that is too long is cut', () => {
  expect(actorOf(actorText({ kind: 'command', name: 'x'.repeat(5_000) }))?.name).toHaveLength(200)
})

test('a process is named by its id and its machine', () => {
  expect(actorText(processActor({ host: 'laptop', pid: 417 }))).toBe('process 417@laptop')
})

test('each kind of actor is told apart in words', () => {
  const words = new Set(ACTOR_KINDS.map((kind) => describeActor({ kind, name: 'x' })))

  expect(words.size).toBe(ACTOR_KINDS.length)
  expect(describeActor(RECOVERY)).toBe('the server (recovery)')
})
