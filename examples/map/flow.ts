import { flow, task, unmapped } from 'tutti'

let atOnce = 0
let most = 0

const resize = task({ name: 'resize' }, async (picture: string, width: number) => {
  atOnce += 1
  most = Math.max(most, atOnce)
  await new Promise((resolve) => setTimeout(resolve, 5))
  atOnce -= 1
  if (picture === 'broken.png') throw new Error('not a picture')
  return `${picture} at ${width}`
})

export const gallery = flow({ name: 'gallery' }, async () => {
  const pictures = ['cat.png', 'dog.png', 'broken.png', 'owl.png', 'fox.png']

  // One call for each picture, two at a time; `unmapped` is the same for all.
  const resized = resize.withOptions({ concurrency: 2 }).map(pictures, unmapped(640))

  // `await resized` would throw; here the good ones are kept although one failed.
  const states = await resized.settled()
  for (const [index, state] of states.entries()) console.log(`${pictures[index]}: ${state.isCompleted ? state.result : state.message}`)
  console.log(`at most ${most} at once`)
})

if (import.meta.main) await gallery()
