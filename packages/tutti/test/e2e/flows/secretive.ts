// Flows that let out every secret they are given, in every way they can. What they are given they load by name.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { artifact, block, defineBlock, flow, log, run, Secret, secret, tags, task, variable } from 'tutti'
import { z } from 'zod'

const Login = defineBlock({ name: 'Hunted Login', fields: { user: z.string(), password: secret() } })
export const Service = defineBlock({ name: 'Hunted Service', fields: { host: z.string(), login: block(Login), token: secret() } })

const inFolder = z.object({ folder: z.string() })

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

const speaks = task({ name: 'speaks' }, (token: Secret) => {
  log.info('token', token, token.reveal(), { token: token.reveal() })
  console.log(`printed ${token.reveal()}`)
  console.error(JSON.stringify({ error: token.reveal() }))
  process.stdout.write(`without the console ${base64(`me:${token.reveal()}`)}\n`)
  // Where Node cuts a member, where the log cuts a message, and where a worker parts a long line.
  const half = Math.floor(token.reveal().length / 2)
  log.info({ member: `${'x'.repeat(10_000 - half)}${token.reveal()}` })
  log.info(`${'y'.repeat(65_536 - half)}${token.reveal()}`)
  process.stdout.write(`${'z'.repeat(64_000 - half)}${token.reveal()} and on\n`)
})

const fails = task({ name: 'fails', retries: 1, retryDelay: '1ms' }, (token: Secret) => {
  throw Object.assign(new Error(`401 for ${token.reveal()}`, { cause: new Error(token.reveal()) }), {
    request: { headers: { authorization: `Basic ${base64(`me:${token.reveal()}`)}` } },
  })
})

const gives = task({ name: 'gives' }, (token: Secret) => ({ token: token.reveal(), rows: 'x'.repeat(100_000) }))
const givesMuch = task({ name: 'gives-much' }, () => 'y'.repeat(100_000))

/** Everything that a run can write, holding until the file `gate` is there. */
export const leaks = flow({ name: 'leaks', parameters: inFolder }, async ({ folder }) => {
  const service = await Service.load('hunted')
  const [inLog, inError, inArtifact, inTable, inAddress, inResult, fromEnvironment, fromFile] = await Promise.all(
    ['log', 'error', 'artifact', 'table', 'address', 'result', 'environment', 'file'].map((name) => Secret.load(`hunted-${name}`)),
  )
  const all = [inLog, inError, inArtifact, inTable, inAddress, inResult, fromEnvironment, fromFile, service.login.password, service.token]
  for (const each of all) await speaks(each!)
  await fails(inError!).catch(() => undefined)
  await gives(inResult!)
  await givesMuch()
  await tags([service.token.reveal()], () => task({ name: 'named', runName: `named ${service.login.password.reveal()}` }, () => 1)())
  await artifact.markdown({ key: 'report', text: `# ${inArtifact!.reveal()}`, description: fromFile!.reveal() })
  await artifact.table({ key: 'rows', rows: all.map((each) => ({ each, value: each!.reveal() })) })
  await artifact.link({ url: `https://host/?token=${encodeURIComponent(base64(`me:${inAddress!.reveal()}`))}` })
  log.info(
    `called https://me:${encodeURIComponent(inAddress!.reveal())}@host/?${new URLSearchParams({ token: fromEnvironment!.reveal() }).toString()}`,
  )
  await variable.set('hunted', inLog!.reveal(), { overwrite: true }).catch((error: unknown) => log.warn(error))
  console.log('HOLDS')
  while (!existsSync(path.join(folder, 'gate'))) {
    run().signal.throwIfAborted()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { service: service.host, token: service.token.reveal() }
})

/** Dies of an error that nobody catches. */
export const crashes = flow({ name: 'crashes', parameters: inFolder }, async () => {
  const token = await Secret.load('hunted-crash')
  await new Promise(() => {
    setTimeout(() => {
      throw new Error(`lost the connection of ${token.reveal()}`)
    }, 1)
  })
})

/** The same for a secret that is learned and lost within one turn. */
export const crashesAtOnce = flow({ name: 'crashes-at-once', parameters: inFolder }, async () => {
  await new Promise(() => {
    setImmediate(() => {
      const token = new Secret(process.env['HUNTED_AT_ONCE'] ?? '')
      process.stdout.write(`${token.reveal()}\n`)
      throw new Error(`lost the connection of ${token.reveal()}`)
    })
  })
})
