import { expect, test } from 'vitest'
import { sizeText, withProgress } from './shown-progress.ts'

/** Tells at the given seconds; answers with what was written. So many first writes fail. */
async function writes(seconds: readonly number[], failing = 0): Promise<readonly string[]> {
  let now = 0
  let failuresLeft = failing
  const written: string[] = []
  const write = async (percent: number, { description = '' }: { readonly description?: string } = {}): Promise<void> => {
    written.push(`${percent} ${description}`)
  }
  const options = {
    now: () => now * 1000,
    totalBytes: () => Promise.resolve(100 * 1024),
    async open({ percent = 0, ...shown }: { readonly percent?: number; readonly description?: string } = {}) {
      if (failuresLeft-- > 0) throw new Error('the server is away')
      await write(percent, shown)
      return { update: write }
    },
  }
  await withProgress('Uploading x', options, async (tell) => {
    for (const second of seconds) {
      now = second
      tell({ bytes: second * 1024, files: second })
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  return written
}

test('what is over soon writes nothing', async () => {
  expect(await writes([0, 0.5, 0.9])).toEqual([])
})

test('what takes longer is written every five seconds, with bytes, files and rate, and at its end', async () => {
  expect(await writes([0, 1, 2, 3, 6, 7, 8, 12])).toEqual([
    '0 Uploading x: 1.0 KiB, 1 file, 1.0 KiB/s, 1 s',
    '6 Uploading x: 6.0 KiB of 100.0 KiB, 6 files, 1.0 KiB/s, 6 s',
    '12 Uploading x: 12.0 KiB of 100.0 KiB, 12 files, 1.0 KiB/s, 12 s',
    '100 Uploading x: 12.0 KiB of 100.0 KiB, 12 files, 1.0 KiB/s, 12 s',
  ])
})

test('what could not be shown at first is shown with the next write', async () => {
  expect(await writes([1, 6], 1)).toEqual([
    '0 Uploading x: 6.0 KiB, 6 files, 1.0 KiB/s, 6 s',
    '100 Uploading x: 6.0 KiB of 100.0 KiB, 6 files, 1.0 KiB/s, 6 s',
  ])
})

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1536, '1.5 KiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
])('%i bytes are shown as %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text)
})
