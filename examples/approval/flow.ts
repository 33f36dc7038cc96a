import { connect, flow, isTuttiError, pause, sleep, sleepUntil, task, waitForInput } from 'tutti'
import { z } from 'zod'

const build = task({ name: 'build' }, async (version: string) => `app-${version}.tgz`)
const publish = task({ name: 'publish' }, async (file: string, by: string) => console.log(`${file} is published, approved by ${by}`))
const remind = task({ name: 'remind' }, async (version: string) => console.log(`version ${version} still waits for somebody`))

const decision = z.object({ approved: z.boolean(), by: z.string().min(1), at: z.iso.datetime().transform((text) => new Date(text)) })

export const release = flow({ name: 'release' }, async ({ version }: { version: string }) => {
  const file = await build(version)
  const { approved, by, at } = await waitForInput(decision, { key: 'ship', description: `Ship ${version}?`, timeout: '3 days' })
  if (!approved) return `${by} said no`
  await publish(file, by)
  return `shipped on ${at.toISOString().slice(0, 10)}`
})

/** Reminds once, and lets it be when nobody comes. */
export const patient = flow({ name: 'patient' }, async ({ version }: { version: string }) => {
  const answer = waitForInput(decision, { description: `Ship ${version}?`, timeout: '3 days' })
  const first = await Promise.race([answer, sleep('1 day')])
  if (first === undefined) await remind(version)
  try {
    return (await answer).approved
  } catch (error) {
    if (!isTuttiError(error, 'WAIT_TIMED_OUT')) throw error
    return false
  }
})

/** Opens in the new year, once somebody has looked at the figures. */
export const openShop = flow({ name: 'open-shop' }, async () => {
  await sleepUntil(new Date('2027-01-01T00:00:00Z'))
  await pause({ description: 'Look at the figures, then go on.' })
  return 'open'
})

if (import.meta.main) {
  const tutti = await connect()
  // Here it is this script that answers. Usually it is somebody else, much later:
  // tutti flow-run resume ID --input approved=true --input by=Ada --input at=2026-05-01T09:00:00Z
  tutti.observe({
    flowRun({ id, state }) {
      if (state.type === 'paused') void release.answer(id, { approved: true, by: 'Ada', at: '2026-05-01T09:00:00Z' })
    },
  })
  console.log(await release({ version: '1.4.0' }))
  await tutti.close()
}
