import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openServer } from './open-server.ts'
import type { Answer, TestServer } from './open-server.ts'

const NOBODY = '0198a000-0000-7000-8000-000000000001'

let server: TestServer

beforeEach(async () => {
  server = await openServer()
})
afterEach(() => server.close())

function make(name: string, value: unknown, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
  return server.call('POST', '/variables/', { name, value, ...more })
}

/** The names that a filter finds. */
async function names(body: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  return ((await server.call('POST', '/variables/filter', body)).body as readonly { readonly name: string }[]).map(({ name }) => name)
}

describe('a variable', () => {
  it('is made, read by id and by name, changed and deleted', async () => {
    const made = await make('region', { a: [null] }, { tags: ['kept'] })
    expect(made).toMatchObject({ status: 201, body: { name: 'region', value: { a: [null] }, tags: ['kept'] } })
    expect((await server.call('GET', `/variables/${made.body.id}`)).body).toEqual(made.body)
    expect((await server.call('GET', '/variables/name/region')).body).toEqual(made.body)

    server.clock.advance(1)
    expect((await server.call('PATCH', '/variables/name/region', { value: null })).status).toBe(204)
    expect((await server.call('PATCH', `/variables/${made.body.id}`, { name: 'zone', tags: [] })).status).toBe(204)
    const changed = (await server.call('GET', '/variables/name/zone')).body
    expect(changed).toMatchObject({ id: made.body.id, value: null, tags: [], created: made.body.created })
    expect(changed.updated > made.body.updated).toBe(true)

    expect((await server.call('DELETE', '/variables/name/zone')).status).toBe(204)
    expect((await server.call('DELETE', `/variables/${made.body.id}`)).status).toBe(404)
  })

  it('is told of when it changes, without what it holds', async () => {
    const { id } = (await make('region', 'hidden')).body
    await server.call('PATCH', '/variables/name/region', { tags: ['kept'] })
    await server.call('DELETE', '/variables/name/region')

    const filter = { resource: { id: [`prefect.variable.${id}`] }, order: 'ASC' }
    const { body, text } = await server.call('POST', '/events/filter', { filter })
    expect(body.events.map(({ event }: { event: string }) => event)).toEqual([
      'prefect.variable.created',
      'prefect.variable.updated',
      'prefect.variable.deleted',
    ])
    expect(body.events[1]).toMatchObject({ resource: { 'prefect.resource.name': 'region' }, payload: { name: 'region', tags: ['kept'] } })
    expect(text).not.toContain('hidden')
  })

  it.each(['1.0', '9007199254740993', '"text"', 'true', 'null', '[1,1.0]'])('keeps %s as it was written', async (value) => {
    await server.call('POST', '/variables/', `{"name":"literal","value":${value}}`)

    expect((await server.call('GET', '/variables/name/literal')).text).toContain(`"value":${value},`)
  })

  it('has a name that no other has', async () => {
    await make('one', 1)
    await make('two', 2)

    expect((await make('one', 3)).status).toBe(409)
    expect((await server.call('PATCH', '/variables/name/two', { name: 'one' })).status).toBe(409)
    expect((await server.call('PATCH', '/variables/name/two', { name: 'two' })).status).toBe(204)
  })

  it.each([
    ['capitals', { name: 'One', value: 1 }],
    ['a long name', { name: 'a'.repeat(256), value: 1 }],
    ['a long value', { name: 'a', value: 'x'.repeat(5_001) }],
    ['no value', { name: 'a' }],
    ['a member that is not known', { name: 'a', value: 1, extra: 1 }],
  ])('is refused with %s', async (_, body) => {
    expect((await server.call('POST', '/variables/', body)).status).toBe(422)
  })
})

describe('variables', () => {
  beforeEach(async () => {
    await make('first', 1, { tags: ['a'] })
    await make('second', 2, { tags: ['a', 'b'] })
    await make('third', 3)
  })

  it('are found by name and by tags, in the order that is asked for', async () => {
    expect(await names({})).toEqual(['first', 'second', 'third'])
    expect(await names({ sort: 'NAME_DESC', limit: 2 })).toEqual(['third', 'second'])
    expect(await names({ offset: 2 })).toEqual(['third'])
    expect(await names({ variables: { tags: { all_: ['a', 'b'] } } })).toEqual(['second'])
    expect(await names({ variables: { tags: { is_null_: true } } })).toEqual(['third'])
    expect(await names({ variables: { name: { like_: 'IR' } } })).toEqual(['first', 'third'])
    expect(await names({ variables: { name: { any_: ['second', 'none'] } } })).toEqual(['second'])
    expect(await names({ variables: { id: { any_: [] } } })).toEqual([])
  })

  it('are counted', async () => {
    expect((await server.call('POST', '/variables/count', {})).body).toBe(3)
    expect((await server.call('POST', '/variables/count', { variables: { tags: { all_: ['a'] } } })).body).toBe(2)
  })

  it('that are not there are 404', async () => {
    expect((await server.call('GET', '/variables/name/none')).status).toBe(404)
    expect((await server.call('PATCH', `/variables/${NOBODY}`, { value: 1 })).status).toBe(404)
    expect((await server.call('GET', '/variables/not-an-id')).status).toBe(404)
  })
})

describe('an input of a flow run', () => {
  let run: string

  beforeEach(async () => {
    const flow = await server.call('POST', '/flows/', { name: 'sync' })
    run = (await server.call('POST', '/flow_runs/', { flow_id: flow.body.id })).body.id as string
  })

  const give = (key: string, value = '{"n":1.0}'): Promise<Answer> =>
    server.call('POST', `/flow_runs/${run}/input`, { key, value, sender: 'ada' })

  it('is read back as the text it is, and taken away', async () => {
    expect(await give('paused-1-response')).toMatchObject({ status: 201, body: null })

    const read = await server.call('GET', `/flow_runs/${run}/input/paused-1-response`)
    expect([read.text, read.headers.get('content-type')]).toEqual(['{"n":1.0}', 'text/plain; charset=utf-8'])
    expect((await server.call('DELETE', `/flow_runs/${run}/input/paused-1-response`)).status).toBe(204)
    expect((await server.call('DELETE', `/flow_runs/${run}/input/paused-1-response`)).status).toBe(404)
  })

  it('is given once under its key, to a run that is there', async () => {
    await give('key')

    expect((await give('key')).status).toBe(409)
    expect((await server.call('POST', `/flow_runs/${NOBODY}/input`, { key: 'key', value: '' })).status).toBe(404)
  })

  it('is found by the beginning of its key, oldest first', async () => {
    for (const key of ['answer-2', 'answer-1', 'other', 'answer-3']) {
      await give(key)
      server.clock.advance(1)
    }
    const find = async (body: Readonly<Record<string, unknown>>): Promise<readonly string[]> =>
      ((await server.call('POST', `/flow_runs/${run}/input/filter`, body)).body as readonly { readonly key: string }[]).map(
        ({ key }) => key,
      )

    expect(await find({ prefix: 'answer-' })).toEqual(['answer-2'])
    expect(await find({ prefix: 'answer-', limit: 10 })).toEqual(['answer-2', 'answer-1', 'answer-3'])
    expect(await find({ prefix: 'answer-', limit: 10, exclude_keys: ['answer-1'] })).toEqual(['answer-2', 'answer-3'])
  })
})

describe('an artifact', () => {
  const write = (key: string | null, data: unknown, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
    server.call('POST', '/artifacts/', { key, type: 'markdown', data, ...more })

  it('is the latest of its key until another is made', async () => {
    const first = await write('report', '# One')
    const second = await write('report', '# Two', { description: 'newer' })
    expect(first.status).toBe(201)

    const latest = (await server.call('GET', '/artifacts/report/latest')).body
    expect(latest).toMatchObject({ key: 'report', data: '# Two', description: 'newer' })
    expect([first.body.id, second.body.id]).not.toContain(latest.id)
    expect((await server.call('POST', '/artifacts/latest/filter', {})).body).toMatchObject([{ latest_id: second.body.id, id: latest.id }])
    expect((await server.call('POST', '/artifacts/count', {})).body).toBe(2)
    expect((await server.call('POST', '/artifacts/latest/count', {})).body).toBe(1)
  })

  it('gives its place back when it is deleted', async () => {
    const first = await write('report', '# One')
    const second = await write('report', '# Two')

    await server.call('DELETE', `/artifacts/${second.body.id}`)
    expect((await server.call('GET', '/artifacts/report/latest')).body.data).toBe('# One')
    await server.call('DELETE', `/artifacts/${first.body.id}`)
    expect((await server.call('GET', '/artifacts/report/latest')).status).toBe(404)
    expect((await server.call('DELETE', `/artifacts/${first.body.id}`)).status).toBe(404)
  })

  it('is changed where it is given, and so is what its key shows', async () => {
    const { body } = await write('progress', 0, { type: 'progress', metadata_: { long: 'x'.repeat(501) } })
    expect(body.metadata_.long).toBe(`${'x'.repeat(500)}...`)

    await server.call('PATCH', `/artifacts/${body.id}`, '{"data":62.0}')

    expect((await server.call('GET', `/artifacts/${body.id}`)).text).toContain('"data":62.0,')
    expect((await server.call('GET', '/artifacts/progress/latest')).body).toMatchObject({ data: 62, metadata_: body.metadata_ })
  })

  it('is found by its own words and by the run that made it', async () => {
    const flow = await server.call('POST', '/flows/', { name: 'sync' })
    const run = await server.call('POST', '/flow_runs/', { flow_id: flow.body.id })
    await write('one', 1, { flow_run_id: run.body.id })
    await write(null, 2, { type: 'result' })
    await write('two', 3)
    const find = async (body: Readonly<Record<string, unknown>>): Promise<readonly unknown[]> =>
      ((await server.call('POST', '/artifacts/filter', { sort: 'KEY_ASC', ...body })).body as readonly { readonly data: unknown }[]).map(
        ({ data }) => data,
      )

    expect(await find({})).toEqual([2, 1, 3])
    expect(await find({ artifacts: { flow_run_id: { any_: [run.body.id] } } })).toEqual([1])
    expect(await find({ flows: { name: { any_: ['sync'] } } })).toEqual([1])
    expect(await find({ artifacts: { type: { not_any_: ['result'] } } })).toEqual([1, 3])
    expect(await find({ artifacts: { key: { exists_: false } } })).toEqual([2])
    expect(await find({ artifacts: { key: { like_: 'tw' } } })).toEqual([3])
  })

  it.each([{ key: 'Not OK' }, { unknown: 1 }, { metadata_: { n: 1 } }])('is refused as %j', async (body) => {
    expect((await server.call('POST', '/artifacts/', body)).status).toBe(422)
  })
})

describe('saved searches', () => {
  const filter = { object: 'flow_run', property: 'state', type: 'string', operation: 'equals', value: 1.5 }

  it('are saved under a name, listed by it and deleted', async () => {
    const made = await server.call('PUT', '/saved_searches/', { name: 'failed', filters: [filter] })
    await server.call('PUT', '/saved_searches/', { name: 'all' })
    const listed = await server.call('POST', '/saved_searches/filter', {})
    const deleted = await server.call('DELETE', `/saved_searches/${made.body.id}`)

    expect(made).toMatchObject({ status: 201, body: { name: 'failed', filters: [filter] } })
    expect(listed.body.map((each: { name: string }) => each.name)).toEqual(['all', 'failed'])
    expect(deleted.status).toBe(204)
    expect((await server.call('GET', `/saved_searches/${made.body.id}`)).status).toBe(404)
  })

  it('one that is saved again keeps its id and gets the new filters', async () => {
    const first = await server.call('PUT', '/saved_searches/', { name: 'failed', filters: [filter] })
    server.clock.advance(1_000)
    const second = await server.call('PUT', '/saved_searches/', { name: 'failed', filters: [] })

    expect(second).toMatchObject({ status: 200, body: { id: first.body.id, created: first.body.created, filters: [] } })
    expect((await server.call('GET', `/saved_searches/${first.body.id}`)).body).toEqual(second.body)
  })

  it('a filter without what it compares is refused by name', async () => {
    const { operation: _, ...incomplete } = filter
    const { status, body } = await server.call('PUT', '/saved_searches/', { name: 'failed', filters: [incomplete] })

    expect([status, body.exception_detail[0].loc]).toEqual([422, ['body', 'filters', 0, 'operation']])
  })
})
