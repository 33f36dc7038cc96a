import { expect, test } from 'vitest'
import { runAccess as access } from '../engine/run-access.ts'
import { flow } from '../sdk/flow.ts'
import { task } from '../sdk/task.ts'
import { checkReplay } from './replay-check.ts'
import type { ReplayDifference } from './replay-check.ts'

const fetchPage = task({ name: 'fetch-page' }, async (url: string) => `the page ${url}`)
const save = task({ name: 'save' }, async (text: string, _at?: unknown) => text.length)

/** What differs, shortened to what these tests speak of. */
function short(differences: readonly ReplayDifference[]): readonly string[] {
  return differences.map(({ type, task: name, call }) => `${type} ${name} ${call}`)
}

async function differencesOf(check: Promise<Awaited<ReturnType<typeof checkReplay>>>): Promise<readonly ReplayDifference[]> {
  const checked = await check
  return checked.same ? [] : checked.differences
}

test('a flow that goes by its parameters and by results of its tasks is the same when it is played again', async () => {
  let calls = 0
  const nested = task({ name: 'nested' }, async (text: string) => {
    calls += 1
    return save(text)
  })
  const child = flow({ name: 'child' }, async (text: string) => save(text))
  const good = flow({ name: 'good' }, async ({ urls }: { urls: readonly string[] }) => {
    const pages = await fetchPage.map(urls)
    for (const page of pages) if (page.endsWith('b')) await nested(page)
    await Promise.all([save('one'), save('two'), child('three')])
    return save('end', (await access().now()).getTime() + access().random())
  })

  const checked = await checkReplay(good, { urls: ['a', 'b'] })

  expect(checked).toEqual({ same: true, calls: 8 })
  expect(calls).toBe(1)
})

test('a call whose arguments come from the clock or from chance is named, with both', async () => {
  const clock = flow({ name: 'clock' }, async () => {
    await fetchPage('a')
    await save('text', { at: Date.now() })
    await save(`text ${Math.random()}`)
  })

  const differences = await differencesOf(checkReplay(clock))

  expect(short(differences)).toEqual(['changed save 1', 'changed save 2'])
  expect(differences[0]?.first?.args[0]).toBe('text')
  expect(differences[0]?.first?.key).not.toBe(differences[0]?.second?.key)
  expect(differences[0]?.message).toMatch(/^call 1 of task save has other arguments the second time: first \('text', \{ at: \d+ \}\), then/)
})

test('a call that depends on something outside is named as added or missing', async () => {
  let round = 0
  const moody = flow({ name: 'moody' }, async () => {
    round += 1
    if (round === 1) await fetchPage('only first')
    if (round === 2) await save('only second')
  })

  const differences = await differencesOf(checkReplay(moody))

  expect(short(differences)).toEqual(['missing fetch-page 1', 'added save 1'])
})

test('a result that cannot be kept makes its task run again', async () => {
  const open = task({ name: 'open-file' }, async () => () => 'a function cannot be stored')
  const files = flow({ name: 'files' }, async () => {
    const read = await open()
    return save(read())
  })

  const differences = await differencesOf(checkReplay(files))

  expect(short(differences)).toEqual(['again open-file 1'])
})

test('calls made in another order are named', async () => {
  let round = 0
  const swapped = flow({ name: 'swapped' }, async () => {
    round += 1
    const urls = round === 1 ? ['a', 'b'] : ['b', 'a']
    for (const url of urls) await fetchPage(url)
  })

  const differences = await differencesOf(checkReplay(swapped))

  expect(short(differences)).toContain('order fetch-page 2')
})

test('a flow that ends with something else is named', async () => {
  let round = 0
  const counting = flow({ name: 'counting' }, async () => {
    await fetchPage('a')
    round += 1
    return round
  })

  const differences = await differencesOf(checkReplay(counting))

  expect(short(differences)).toEqual(['result counting 0'])
  expect(differences[0]?.message).toBe('flow counting ends with something else the second time: first complete 1, then complete 2')
})

test('a flow that fails the same way twice is the same', async () => {
  const broken = task({ name: 'broken', retries: 2, retryDelay: '1h' }, async () => {
    throw new Error('always')
  })
  const failing = flow({ name: 'failing', retries: 1, retryDelay: '1d' }, async () => {
    await fetchPage('a')
    await broken()
  })

  const checked = await checkReplay(failing)

  expect(checked).toEqual({ same: true, calls: 2 })
})

test('a race is decided the same way again, and its losers do not count', async () => {
  const slow = task({ name: 'slow' }, () => new Promise<string>(() => undefined))
  const race = flow({ name: 'race' }, () => Promise.race([slow(), fetchPage('fast')]))

  const checked = await checkReplay(race)

  expect(checked).toMatchObject({ same: true })
})
