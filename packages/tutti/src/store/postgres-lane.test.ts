import { expect, test } from 'vitest'
import { Lane } from './postgres-lane.ts'

/** A lane whose groups end when the test says so. */
function aLane(groupsMax: number) {
  const groups: { readonly members: readonly string[]; readonly end: () => void }[] = []
  const run = (members: readonly string[]): Promise<void> => new Promise((resolve) => groups.push({ members, end: resolve }))
  return { lane: new Lane<string>({ groupsMax, membersMax: 2, run }), groups, begun: () => groups.map(({ members }) => members.join(' ')) }
}

test('whoever comes while a group is under way shares the next one, in the order of coming', async () => {
  const { lane, groups, begun } = aLane(1)
  for (const name of ['a', 'b', 'c', 'd']) lane.add(name)
  const idle = lane.idle()

  const first = begun()
  for (let ended = 0; ended < 3; ended += 1) {
    groups[ended]?.end()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await idle

  expect(first).toEqual(['a'])
  expect(begun()).toEqual(['a', 'b c', 'd'])
})

test('as many groups as may be are under way at the same time', () => {
  const { lane, begun } = aLane(2)

  for (const name of ['a', 'b', 'c']) lane.add(name)

  expect(begun()).toEqual(['a', 'b'])
})

test('a lane in which nothing happens is idle', async () => {
  await expect(aLane(1).lane.idle()).resolves.toBeUndefined()
})
