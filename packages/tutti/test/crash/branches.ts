// Flows in which code chooses its way by what it is given. Each kills its process once; its second life has to find the same way.
import { flow, run, task } from 'tutti'
import { append, die, dieOnce, play } from './play.ts'

const note = task({ name: 'note' }, async (text: string) => append('calls', text))

await play({
  caught: flow({ name: 'caught' }, async () => {
    const { attempt } = run()
    const broken = task({ name: 'broken' }, async (): Promise<string> => {
      append('calls', 'broken')
      // Would succeed in the second life, and the flow would take another branch.
      if (attempt > 1) return 'whole'
      throw new RangeError('out of range')
    })
    const way = await broken().catch((error: Error) => `${error.name}: ${error.message}`)
    await note(way)
    dieOnce()
    return way
  }),

  race: flow({ name: 'race' }, async () => {
    const { attempt } = run()
    const racer = task({ name: 'racer' }, async (name: string) => {
      // The loser of the first life would be the winner of the second one.
      if (name === 'a' && attempt === 1) await new Promise(() => undefined)
      return name
    })
    const winner = await Promise.race([racer('a'), racer('b')])
    await note(winner)
    dieOnce()
    return winner
  }),

  equal: flow({ name: 'equal' }, async () => {
    let drawn = 0
    const draw = task({ name: 'draw' }, async (urn: string) => {
      append('calls', urn)
      return (drawn += 1)
    })
    const numbers = await Promise.all([draw('urn'), draw('urn'), draw('urn')])
    dieOnce()
    return numbers.join()
  }),

  changed: flow({ name: 'changed' }, async () => {
    await note(`in life ${run().attempt}`)
    dieOnce()
    return 'done'
  }),

  refused: flow({ name: 'refused' }, async () => {
    await note.withOptions({ onChange: 'fail' })(`in life ${run().attempt}`)
    dieOnce()
    return 'done'
  }),

  unhashable: flow({ name: 'unhashable' }, async () => {
    const apply = task({ name: 'apply' }, async (callback: () => string) => {
      append('calls', 'apply')
      return callback()
    })
    const keyed = apply.withOptions({ key: () => 'by hand' })
    const texts = [await apply(() => 'without key'), await keyed(() => 'with key')]
    dieOnce()
    return texts.join()
  }),

  subFlows: flow({ name: 'subFlows' }, async () => {
    const part = flow({ name: 'part' }, async (name: string) => {
      await note(`${name} begins`)
      if (name === 'second') dieOnce()
      await note(`${name} ends`)
      return name
    })
    return [await part('first'), await part('second')].join()
  }),

  map: flow({ name: 'map' }, async () => {
    const { attempt } = run()
    const double = task({ name: 'double' }, async (value: number) => {
      append('calls', String(value))
      // What was finished before the time is asked for has been committed with it.
      await run().now()
      if (value === 3 && attempt === 1) dieOnce()
      return value * 2
    })
    return (await double.withOptions({ concurrency: 1 }).map([1, 2, 3, 4])).join()
  }),

  poison: flow({ name: 'poison' }, async () => {
    const poison = task({ name: 'poison' }, async () => {
      const { attempt } = run()
      append('calls', `attempt ${attempt}`)
      // A first attempt begins before its mark is written; the time is committed behind the mark.
      await run().now()
      if (attempt < 4) die()
      return 'harmless at last'
    })
    await note('before')
    return poison()
  }),
})
