import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/seeded-random.ts'
import { JsonText } from './literal-json.ts'
import { freePriority, isReservedPool, makeRoom, poolStatus, queueStatus, templateProblem, variablesSchema } from './work-pool.ts'

describe('priorities', () => {
  it('of a new queue are the first that is free', () => {
    expect(freePriority([])).toBe(1)
    expect(freePriority([{ priority: 1 }, { priority: 2 }, { priority: 4 }])).toBe(3)
  })

  it('that are taken make those in the way go down, and gaps are filled', () => {
    const others = [
      { id: 'a', priority: 1 },
      { id: 'b', priority: 2 },
      { id: 'c', priority: 3 },
      { id: 'd', priority: 5 },
    ]
    expect([...makeRoom(others, 2)]).toEqual([
      ['b', 3],
      ['c', 4],
    ])
    expect([...makeRoom(others, 4)]).toEqual([])
    expect([...makeRoom(others, 5)]).toEqual([['d', 6]])
  })

  it('stay different, and in their order, whatever is asked for', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seededRandom(seed)
      let queues: { id: string; priority: number }[] = []
      for (let step = 0; step < 30; step++) {
        const priority = 1 + Math.floor(random.next() * 12)
        const moved = makeRoom(queues, priority)
        const before = queues.toSorted((one, other) => one.priority - other.priority).map(({ id }) => id)
        queues = queues.map((queue) => ({ ...queue, priority: moved.get(queue.id) ?? queue.priority }))
        expect(queues.toSorted((one, other) => one.priority - other.priority).map(({ id }) => id)).toEqual(before)
        queues.push({ id: `${step}`, priority })
        expect(new Set(queues.map((queue) => queue.priority)).size).toBe(queues.length)
      }
    }
  })
})

describe('a base job template', () => {
  it.each([
    ['is nothing at all', {}, undefined],
    [
      'declares what it uses',
      { job_configuration: { command: '{{ cmd }} {{cmd}}', env: ['{{ env }}'] }, variables: { properties: { cmd: {}, env: {} } } },
      undefined,
    ],
    ['uses values of the workspace', { job_configuration: { key: '{{ prefect.blocks.secret.key }}' }, variables: {} }, undefined],
    ['has no variables', { job_configuration: {} }, 'must contain both'],
    ['is something else', { command: 'x' }, 'must contain both'],
    [
      'uses what it does not declare',
      { job_configuration: { a: { b: '{{ two }}' }, c: '{{ one }}' }, variables: { properties: {} } },
      'undeclared variable(s): one, two',
    ],
  ])('that %s', (_, template, problem) => {
    expect(templateProblem(JsonText.of(template)) ?? 'fine').toContain(problem ?? 'fine')
  })

  it('gives the schema of its variables', () => {
    expect(variablesSchema(new JsonText('{}'))).toBeUndefined()
    expect(variablesSchema(new JsonText('{"job_configuration":{},"variables":{"properties":{"a":{"default":1.0}}}}'))).toEqual({
      properties: { a: { default: 1 } },
    })
  })
})

describe('status', () => {
  it('of a pool follows its pause, its type and its workers', () => {
    expect(poolStatus({ type: 'process', isPaused: true }, true)).toBe('paused')
    expect(poolStatus({ type: 'process', isPaused: false }, true)).toBe('ready')
    expect(poolStatus({ type: 'process', isPaused: false }, false)).toBe('not-ready')
    expect(poolStatus({ type: 'prefect-agent', isPaused: false }, true)).toBeNull()
  })

  it('of a queue follows its pause and whether somebody asked it lately', () => {
    const now = 1_767_225_600_000_000
    expect(queueStatus({ isPaused: true, lastPolledAt: now }, now)).toBe('paused')
    expect(queueStatus({ isPaused: false, lastPolledAt: null }, now)).toBe('not-ready')
    expect(queueStatus({ isPaused: false, lastPolledAt: now - 60_000_000 }, now)).toBe('ready')
    expect(queueStatus({ isPaused: false, lastPolledAt: now - 60_000_001 }, now)).toBe('not-ready')
  })

  it('names that begin with the reserved word are known in any case', () => {
    expect([isReservedPool('Prefect-x'), isReservedPool('PREFECT'), isReservedPool('my-prefect')]).toEqual([true, true, false])
  })
})
