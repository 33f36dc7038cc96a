// A script whose flow prints a secret, and which dies of an error that has one in it.
import { flow, log, Secret } from 'tutti'

const printing = flow({ name: 'printing' }, async () => {
  const token = new Secret(process.env['HUNTED_IN_SCRIPT'] ?? '')
  log.info(`logged ${token.reveal()}`)
  console.log(`printed ${token.reveal()}`, { token: token.reveal() })
  await new Promise(() => {
    setTimeout(() => {
      throw Object.assign(new Error(`lost ${token.reveal()}`, { cause: token.reveal() }), { token: token.reveal() })
    }, 1)
  })
})

await printing()
