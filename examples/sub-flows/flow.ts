import { flow, run, task } from 'tutti'

const count = task({ name: 'count' }, (words: string) => words.split(' ').length)

/** A flow that others may call: inside them it is a run of its own, linked to its parent. */
export const chapter = flow({ name: 'chapter', runName: 'chapter {title}' }, async ({ title, text }: { title: string; text: string }) => {
  console.log(`${run().flowRunName} begins`)
  return { title, words: await count(text) }
})

export const book = flow({ name: 'book' }, async () => {
  const chapters = await Promise.all([
    chapter({ title: 'one', text: 'it was a dark and stormy night' }),
    chapter({ title: 'two', text: 'the end' }),
  ])
  return chapters.map(({ title, words }) => `${title}: ${words} words`)
})

if (import.meta.main) console.log(await book())
