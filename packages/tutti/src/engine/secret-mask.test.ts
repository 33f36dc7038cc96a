import { expect, onTestFinished, test } from 'vitest'
import { holdsSecret, knownSecrets, maskJson, maskSecrets, onSecret, registerSecret } from './secret-mask.ts'

test('a value is hidden from when it is registered', () => {
  const text = 'the value mask-test-1 is told'
  const before = [maskSecrets(text), holdsSecret(text)]

  registerSecret('mask-test-1')

  expect(before).toEqual([text, false])
  expect([maskSecrets(text), holdsSecret(text)]).toEqual(['the value ******** is told', true])
})

test('whoever listens is told of each value once, until it listens no more', () => {
  const told: string[] = []
  const stop = onSecret((value) => told.push(value))
  onTestFinished(stop)

  registerSecret('mask-test-2')
  registerSecret('mask-test-2')
  registerSecret('abc')
  stop()
  registerSecret('mask-test-3')

  expect(told).toEqual(['mask-test-2'])
  expect(knownSecrets()).toEqual(expect.arrayContaining(['mask-test-2', 'mask-test-3']))
})

test('JSON stays JSON where numbers, names and JSON within it hold a value', () => {
  registerSecret('98765432100')

  const masked = maskJson(
    JSON.stringify({ a: 98_765_432_100, 'x 98765432100': [JSON.stringify([{ n: 98_765_432_100, m: 1 }]), '{ 98765432100'] }),
  )

  expect(JSON.parse(masked)).toEqual({ a: '********', 'x ********': ['[{"n":"********","m":1}]', '{ ********'] })
})

test('JSON that holds nothing is left as it is written', () => {
  registerSecret('mask-test-4')

  expect(maskJson('{ "a": 1.0, "b": 12345678901234567890 }')).toBe('{ "a": 1.0, "b": 12345678901234567890 }')
})
