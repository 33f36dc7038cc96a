import { afterEach, beforeEach, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { TestServer } from './open-server.ts'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

interface Table {
  readonly name: string
  readonly rows: number
  readonly bytes: number
  readonly estimated: boolean
}

it('the tables are told with their rows and bytes, the largest first', async () => {
  for (const name of ['one', 'two']) await server.call('POST', '/flows/', { name })

  const { body } = await server.call('GET', '/admin/tables')

  const tables: readonly Table[] = body.tables
  const flows = tables.find(({ name }) => name === 'flows')
  expect(flows).toMatchObject({ rows: 2, estimated: false })
  expect(flows?.bytes).toBeGreaterThan(0)
  expect(body.bytes).toBeGreaterThanOrEqual(tables.reduce((sum, { bytes }) => sum + bytes, 0) / 2)
  expect(tables.map(({ bytes }) => bytes)).toEqual(tables.map(({ bytes }) => bytes).toSorted((one, other) => other - one))
})

it('an answer is given again for a minute', async () => {
  const { body: first } = await server.call('GET', '/admin/tables')
  await server.call('POST', '/flows/', { name: 'one' })
  server.clock.advance(59_000)

  expect((await server.call('GET', '/admin/tables')).body).toEqual(first)
  server.clock.advance(1_000)
  const { body: later } = await server.call('GET', '/admin/tables')
  expect(later.at).not.toBe(first.at)
  expect(later.tables.find(({ name }: Table) => name === 'flows')).toMatchObject({ rows: 1 })
})

it('the answer tells when what is past keeping was last deleted', async () => {
  expect((await server.call('GET', '/admin/tables')).body.retention).toMatchObject({ last_run: null })
  server.clock.advance(60_000)
  await server.orchestrator.maintenance.retain({ flowRunDays: 1, logDays: 1 }, 100)

  const { body } = await server.call('GET', '/admin/tables')

  expect(body.retention.last_run).toBe(body.at)
})
