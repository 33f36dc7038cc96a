// A flow that needs no package but Tutti, so that its file can be copied anywhere.
import { appendFileSync, existsSync } from 'node:fs'
import path from 'node:path'
import { flow, task } from 'tutti'

const once = task({ name: 'once' }, async (folder: string) => appendFileSync(path.join(folder, 'calls'), 'once\n'))

export const moving = flow({ name: 'moving' }, async ({ folder }: { folder: string }) => {
  await once(folder)
  if (existsSync(path.join(folder, 'gate'))) return 'moved'
  setInterval(() => undefined, 1_000)
  process.stdout.write('READY\n')
  return new Promise<string>(() => undefined)
})
