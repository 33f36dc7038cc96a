import { flow, log, run, task } from 'tutti'
import { z } from 'zod'

/** Fails the first time it is called, as things do; Tutti calls it again. */
const findGreeting = task({ name: 'find-greeting', retries: 3, retryDelay: '100ms' }, async (language: string) => {
  if (run().attempt === 1) throw new Error('the dictionary is not open yet')
  return { en: 'Hello', de: 'Hallo', fr: 'Bonjour' }[language] ?? 'Hi'
})

const greet = task({ name: 'greet' }, (name: string, greeting: string) => `${greeting}, ${name}!`)

export const hello = flow(
  {
    name: 'hello',
    parameters: z.object({ names: z.array(z.string()).default(['Ada', 'Grace']), language: z.enum(['en', 'de', 'fr']).default('en') }),
  },
  async ({ names, language }) => {
    const greeting = await findGreeting(language)
    const lines = await greet.map(names, greeting)
    for (const line of lines) log.info(line)
    return lines
  },
)

if (import.meta.main) console.log(await hello({ names: ['Ada', 'Grace'] }))
