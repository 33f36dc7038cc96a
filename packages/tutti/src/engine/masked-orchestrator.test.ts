import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { filesOf, hunt } from '../../test/tools/secret-hunt.ts'
import { artifact } from '../sdk/artifacts.ts'
import { flow } from '../sdk/flow.ts'
import { waitForInput } from '../sdk/pause.ts'
import { Completed } from '../sdk/states.ts'
import { tags } from '../sdk/tags.ts'
import { task } from '../sdk/task.ts'
import { testTutti } from '../testing/index.ts'
import type { TestRun, TestTutti } from '../testing/index.ts'
import { inThread } from './threads/body.ts'
import { runAccess as run } from './run-access.ts'
import { Secret } from './secret.ts'
import type * as onThreads from '../../test/fixtures/on-threads.ts'

let count = 0

/** Other tests of this process must not meet it in their texts. */
function newSecret(): Secret {
  return new Secret(`pä"ss\\wörd/+ ${(count += 1)} zX9qTr`)
}

/** Runs a flow over a database in a file, and looks for the secret in everything that is left of it. */
async function leavings(secret: Secret, body: (tutti: TestTutti) => Promise<unknown>): Promise<readonly string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tutti-masked-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const tutti = await testTutti({ path: path.join(folder, 'tutti.db'), clock: 'system' })
  try {
    await body(tutti)
    return hunt(await filesOf(folder), [{ name: 'the secret', value: secret.reveal() }])
  } finally {
    await tutti.close()
  }
}

/** Whatever a run writes, by what it is. */
const writes: readonly (readonly [string, (value: string) => unknown])[] = [
  ['a log line', (value) => run().log.info('token', value, { value })],
  ['a log line that is cut', (value) => run().log.info('x'.repeat(19_990) + value.repeat(200))],
  [
    'base64 in an address in a log line',
    (value) => run().log.info(`https://h/?a=${encodeURIComponent(Buffer.from(`u:${value}`).toString('base64'))}`),
  ],
  ['a task run’s name', (value) => task({ name: 'named', runName: `named ${value}` }, () => 1)()],
  ['a tag', (value) => tags([value], () => task({ name: 'tagged' }, () => 1)())],
  ['the message of a state', (value) => task({ name: 'ended' }, () => Completed(value, { message: `done with ${value}` }))()],
  ['an error that is caught', (value) => task({ name: 'failing' }, () => Promise.reject(deepError(value)))().catch(() => undefined)],
  ['an error that is tried again', (value) => flaky(value)],
  ['a text that is thrown', (value) => task({ name: 'throwing' }, () => Promise.reject(value))().catch(() => undefined)],
  ['a Markdown artifact', (value) => artifact.markdown({ key: 'report', text: `# ${value}`, description: value })],
  ['a table', (value) => artifact.table({ rows: [{ user: 'me', password: value, [value]: 1 }] })],
  ['a link', (value) => artifact.link({ url: `https://me:${encodeURIComponent(value)}@host/`, text: value })],
  ['a result', (value) => task({ name: 'giving' }, () => ({ value }))()],
  ['a large result', (value) => task({ name: 'giving' }, () => ({ value, rows: 'y'.repeat(100_000) }))()],
  ['a result in CBOR', (value) => task({ name: 'giving', serializer: 'cbor' }, () => ({ value, numbers: [1.5, 2.5] }))()],
  ['a result of bytes', (value) => task({ name: 'giving' }, () => Buffer.from(`x${value}`))()],
  ['a result with a Map', (value) => task({ name: 'giving' }, () => new Map([['v', value]]))()],
  ['a key of the cache', (value) => task({ name: 'cached', cache: { by: () => value } }, () => 1)()],
  ['an error of a thread', (value) => threadFails(value).catch(() => undefined)],
  ['the sub-flow’s name', (value) => flow({ name: 'sub', runName: `sub ${value}` }, () => 1)()],
]

function flaky(value: string): unknown {
  return task({ name: 'flaky', retries: 1, retryDelay: '1ms' }, () => {
    if (run().attempt === 1) throw new Error(`cannot log in with ${value}`)
    return 1
  })()
}

function deepError(value: string): Error {
  const error = new AggregateError([new RangeError(value)], `bad ${value}`, { cause: new Error(value, { cause: value }) })
  return Object.assign(error, { request: { headers: { authorization: `Basic ${Buffer.from(`me:${value}`).toString('base64')}` } } })
}

const threads = new URL('../../test/fixtures/on-threads.ts', import.meta.url)
const threadFails = inThread<typeof onThreads.failWith>(threads, 'failWith')

test.each(writes)('a secret in %s is nowhere in the store', async (_, write) => {
  const secret = newSecret()

  const writing = flow({ name: 'writing' }, async () => void (await write(secret.reveal())))

  const found = await leavings(secret, async (tutti) => expect(await tutti.run(writing)).toMatchObject({ state: 'completed' }))

  expect(found).toEqual([])
})

test('a secret in what ends a flow is nowhere in the store', async () => {
  const secret = newSecret()
  const failing = flow({ name: 'failing', runName: `run ${secret.reveal()}`, tags: [secret.reveal()] }, () =>
    Promise.reject(deepError(secret.reveal())),
  )

  expect(await leavings(secret, (tutti) => tutti.run(failing))).toEqual([])
})

test('a secret in what the result of a flow holds is nowhere in the store', async () => {
  const secret = newSecret()

  expect(await leavings(secret, (tutti) => tutti.run(flow({ name: 'giving' }, () => [secret.reveal()])))).toEqual([])
})

test('a secret that code on a thread has learned is masked in its process', async () => {
  const value = 'a value that only a thread knows'
  const learn = task({ name: 'learn', persist: false }, inThread<typeof onThreads.learn>(threads, 'learn'))
  const found = await leavings(
    { reveal: () => value } as Secret, // registered by the thread alone
    (tutti) => tutti.run(flow({ name: 'learning' }, async () => run().log.info(await learn(['a value that', 'only a thread knows'])))),
  )

  expect(found).toEqual([])
})

test('what the hunt looks for it finds, where nobody knows that it is secret', async () => {
  const value = 'a value nobody has registered'

  const found = await leavings(
    { reveal: () => value } as Secret, // as above
    (tutti) => tutti.run(flow({ name: 'leaking' }, () => run().log.info(value))),
  )

  expect(found).not.toEqual([])
})

async function ran(body: () => unknown, parameters?: unknown): Promise<TestRun> {
  await using tutti = await testTutti()
  return await tutti.run(flow({ name: 'looked-at' }, body as (parameters: unknown) => unknown), parameters)
}

test('a log line tells what it can', async () => {
  const secret = newSecret()

  const { logs } = await ran(() => run().log.info(`token ${secret.reveal()} of`, { secret, text: secret.reveal() }))

  expect(logs.map(({ message }) => message)).toContain("token ******** of { secret: ********, text: '********' }")
})

test('a result that holds a secret reaches the caller, and the log says that it is not stored', async () => {
  const secret = newSecret()
  const give = task({ name: 'give' }, () => ({ token: secret }))

  const { result, logs } = await ran(async () => (await give()).token.reveal())

  expect(result).toBe(secret.reveal())
  expect(logs.map(({ message }) => message)).toEqual([
    'task give-0: its result holds a secret and is not stored: it is kept in memory only and the task runs again when the run is resumed',
    'the result of the flow holds a secret and is not stored; it is handed to the caller only',
  ])
})

test('a task whose result has to be kept fails when it holds a secret, and the error says where', async () => {
  const secret = newSecret()
  const give = task({ name: 'give', persist: 'required' }, () => ({ rows: [{ token: secret.reveal() }] }))

  const { error } = await ran(() => give())

  expect(error).toMatchObject({
    code: 'RESULT_NOT_SERIALISABLE',
    message: 'the result of give-0 has a secret at result.rows[0].token, which is not stored',
  })
})

test.each([
  ['a Secret', (secret: Secret) => secret],
  ['its value', (secret: Secret) => `Bearer ${secret.reveal()}`],
])('parameters that hold %s are refused with their place', async (_, inParameters) => {
  const { error, id } = await ran(() => 1, { source: { token: inParameters(newSecret()) } })

  expect(id).toBe('')
  expect(error).toMatchObject({
    code: 'SECRET_IN_PARAMETERS',
    message: 'the parameters of flow looked-at hold a secret at source.token, and they are kept for everybody to see',
  })
})

test('a secret may be an argument of a task, and the run is resumed with another one in its place', async () => {
  await using tutti = await testTutti()
  const calls: string[] = []
  const held: { secret: Secret } = { secret: newSecret() }
  const use = task({ name: 'use' }, (secret: Secret) => void calls.push(secret.reveal()))
  let fails = true
  const using = flow({ name: 'using' }, async () => {
    await use(held.secret)
    if (fails) throw new Error('later')
  })
  const first = await tutti.run(using)
  fails = false
  held.secret = newSecret()

  const second = await tutti.retry(using, first)

  expect([second.state, calls.length]).toEqual(['completed', 1])
})

test('what one secret gave is not taken from the cache for another', async () => {
  const whose = task({ name: 'whose', cache: { by: 'inputs' } }, (secret: Secret) => secret.reveal().length)
  const short = new Secret('short value 8kq')
  const long = new Secret('a longer value 8kq')

  const { result } = await ran(async () => [await whose(short), await whose(long), await whose(short)])

  expect(result).toEqual([15, 18, 15])
})

test('input with a secret is refused, and the run waits on', async () => {
  await using tutti = await testTutti()
  const waiting = tutti.run(flow({ name: 'waiting' }, () => waitForInput(z.object({ token: z.string() }))))
  const paused = await tutti.paused()
  const secret = newSecret()
  const other = await tutti.run(flow({ name: 'answering' }, () => waitingFlow.answer(paused.id, { token: secret.reveal() })))

  await tutti.answer(paused, { token: 'harmless' })

  expect(other.error).toMatchObject({ code: 'SECRET_IN_PARAMETERS' })
  expect(await waiting).toMatchObject({ state: 'completed', result: { token: 'harmless' } })
})

const waitingFlow = flow({ name: 'waiting' }, () => undefined)

test('an idempotency key with a secret is refused', async () => {
  const secret = newSecret()
  await using tutti = await testTutti()

  const { error } = await tutti.run(flow({ name: 'keyed', idempotencyKey: secret.reveal() }, () => 1))

  expect(error).toMatchObject({ code: 'SECRET_IN_PARAMETERS' })
})
