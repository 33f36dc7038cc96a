import { appendFileSync } from 'node:fs'
import { flow, sleep, task, waitForInput } from 'tutti'
import { z } from 'zod'

const note = task({ name: 'note' }, async (folder: string, text: string) => {
  appendFileSync(`${folder}/calls`, `${text}\n`)
})

/** Asks somebody before it goes on. */
export const approval = flow({ name: 'approval', parameters: z.object({ folder: z.string() }) }, async ({ folder }) => {
  await note(folder, 'built')
  const { approved, by } = await waitForInput(z.object({ approved: z.boolean(), by: z.string().default('somebody') }), {
    key: 'ship',
    description: 'Ship it?',
    timeout: '3 days',
  })
  await note(folder, approved ? 'shipped' : 'kept')
  return { approved, by }
})

/** Asks through a sub-flow. */
export const outer = flow({ name: 'outer', parameters: z.object({ folder: z.string() }) }, async ({ folder }) => approval({ folder }))

/** Sleeps longer than any test. */
export const napping = flow({ name: 'napping', parameters: z.object({ folder: z.string() }) }, async ({ folder }) => {
  await note(folder, 'before')
  await sleep('3 days')
})
