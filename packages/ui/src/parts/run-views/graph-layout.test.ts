import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aTask } from './a-row.ts'
import { layoutGraph, NodeIndex } from './graph-layout.ts'
import type { GraphLayout, GraphOptions } from './graph-layout.ts'
import { relatedTo } from './related.ts'

const options: GraphOptions = { toggled: new Set(), childrenOf: () => undefined }

function linesOf({ nodes, edges }: GraphLayout): string[] {
  return edges.map(({ from, to, kind }) => `${nodes[from]!.title} ${kind} ${nodes[to]!.title}`)
}

test('what takes a result stands to the right of what gave it', () => {
  const layout = layoutGraph(
    [
      aTask('extract', 'e', 0, 10),
      aTask('load', 'l', 11, 20, { upstream: ['extract'] }),
      aTask('report', 'r', 12, 30, { upstream: ['extract', 'load'] }),
    ],
    options,
  )
  const x = (id: string) => layout.nodes[layout.nodeOf.get(id)!]!.x

  expect(linesOf(layout)).toEqual(['extract data load', 'extract data report', 'load data report'])
  expect(x('extract')).toBeLessThan(x('load'))
  expect(x('load')).toBeLessThan(x('report'))
})

test('where no result is known to be taken, a task follows the one that had ended last when it was called', () => {
  const layout = layoutGraph([aTask('a', 'a', 0, 10), aTask('b', 'b', 1, 20), aTask('c', 'c', 21, 30)], options)

  expect(linesOf(layout)).toEqual(['b order c'])
})

test('a long fan-out is a stack that can be opened', () => {
  const tasks = [
    aTask('list', 'list', 0, 10),
    ...Array.from({ length: 100 }, (_, index) => aTask(`t${index}`, 'transform', 11, 20 + index, { upstream: ['list'] })),
    aTask('publish', 'publish', 200, 210, { upstream: Array.from({ length: 100 }, (_, index) => `t${index}`) }),
  ]

  const closed = layoutGraph(tasks, options)
  const open = layoutGraph(tasks, { ...options, toggled: new Set(['transform']) })

  expect(closed.nodes.map(({ kind, ids }) => [kind, ids.length])).toEqual([
    ['task', 1],
    ['stack', 100],
    ['task', 1],
  ])
  expect(linesOf(closed)).toEqual(['list data transform', 'transform data publish'])
  expect(open.nodes.filter(({ kind }) => kind === 'cell').length).toBe(100)
  expect(open.nodes[open.nodeOf.get('t42')!]!.kind).toBe('cell')
})

test('a loop of two tasks makes no endless chain', () => {
  const tasks = Array.from({ length: 40 }, (_, index) => aTask(`t${index}`, index % 2 === 0 ? 'read' : 'write', index * 10, index * 10 + 9))

  const layout = layoutGraph(tasks, options)

  expect(layout.nodes.length).toBe(2)
  expect(linesOf(layout)).toEqual(['read order write'])
})

test('a sub-flow that is opened holds its own task runs', () => {
  const childrenOf = () => [aTask('x', 'x', 2, 4), aTask('y', 'y', 5, 6, { upstream: ['x'] })]

  const layout = layoutGraph([aTask('report', 'flow:report', 0, 10, { child_flow_run_id: 'child' })], {
    toggled: new Set(['report']),
    childrenOf,
  })
  const [frame, x, y] = layout.nodes

  expect(layout.nodes.map(({ kind }) => kind)).toEqual(['frame', 'task', 'task'])
  for (const inner of [x!, y!]) {
    expect(inner.x).toBeGreaterThan(frame!.x)
    expect(inner.x + inner.width).toBeLessThan(frame!.x + frame!.width)
    expect(inner.y + inner.height).toBeLessThan(frame!.y + frame!.height)
  }
  expect(linesOf(layout)).toEqual(['x data y'])
})

test('whatever depends on whatever, no two nodes cover each other, and each is found where it stands', () => {
  const runs = fc.array(
    fc.record({
      key: fc.integer({ min: 0, max: 6 }),
      from: fc.nat(500),
      took: fc.nat(100),
      causes: fc.array(fc.nat(30), { maxLength: 3 }),
    }),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  fc.assert(
    fc.property(runs, (all) => {
      const tasks = all.map(({ key, from, took, causes }, index) =>
        aTask(`t${index}`, `k${key}`, from, from + took, { upstream: causes.filter((each) => each < index).map((each) => `t${each}`) }),
      )
      const layout = layoutGraph(tasks, options)
      const index = new NodeIndex(layout)

      for (const [at, node] of layout.nodes.entries()) {
        expect(index.at(node.x + node.width / 2, node.y + node.height / 2)).toBe(at)
        for (const other of layout.nodes.slice(at + 1)) {
          const isApart =
            node.x + node.width <= other.x ||
            other.x + other.width <= node.x ||
            node.y + node.height <= other.y ||
            other.y + other.height <= node.y
          expect(isApart).toBe(true)
        }
      }
      for (const { from, to } of layout.edges) expect(layout.nodes[from]!.x).toBeLessThan(layout.nodes[to]!.x)
    }),
  )
})

test('of a selected task run all is found that it depends on and that depends on it, and nothing beside', () => {
  const tasks = [
    aTask('a', 'a', 0, 1),
    aTask('b', 'b', 2, 3, { upstream: ['a'] }),
    aTask('c', 'c', 4, 5, { upstream: ['b'] }),
    aTask('beside', 'd', 4, 5, { upstream: ['a'] }),
  ]

  expect(new Set(relatedTo('b', tasks))).toEqual(new Set(['a', 'b', 'c']))
  expect(relatedTo('b', [aTask('b', 'b', 0, 1)]).size).toBe(0)
})
