import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { packed } from './compress.ts'

const long = JSON.stringify(Array.from({ length: 500 }, (_, n) => ({ n })))

test.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8', '*'])('%s asks for gzip', async (accepted) => {
  const bytes = await packed(long, accepted)

  expect(bytes?.length).toBeLessThan(long.length / 2)
  expect(gunzipSync(bytes ?? new Uint8Array()).toString()).toBe(long)
})

test.each([null, '', 'br', 'gzip;q=0', 'notgzip'])('%s does not', async (accepted) => {
  expect(await packed(long, accepted)).toBeUndefined()
})

test('short answers stay as they are', async () => {
  expect(await packed('{"a":1}', 'gzip')).toBeUndefined()
})
