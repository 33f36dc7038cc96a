// The other side of blocks.py: blocks that Tutti's SDK saves and loads through the server under test. Prints what it loaded as JSON.
import { argv } from 'node:process'
import { block, connect, defineBlock, JsonBlock, Secret, secret, variable } from 'tutti'
import { z } from 'zod'

const Login = defineBlock({
  name: 'Tutti conformance login',
  description: 'Says who asks.',
  fields: { user: z.string(), password: secret() },
})

const Warehouse = defineBlock({
  name: 'Tutti conformance warehouse',
  fields: {
    host: z.string(),
    port: z.number().int().default(5432),
    login: block(Login),
    headers: z.record(z.string(), secret()).nullish(),
  },
})

const [, , verb, name = ''] = argv

const connection = await connect({ print: false })
try {
  if (verb === 'save') await save()
  else process.stdout.write(JSON.stringify(await load()))
} finally {
  await connection.close()
}

async function save(): Promise<void> {
  await Login.save(name, { user: 'me', password: 'passw0rd' })
  await Warehouse.save(name, { host: 'db', login: name, headers: { token: 't0ken' } })
  await Secret.save(name, 's3cret')
  await JsonBlock.save(name, { list: [1, null] })
  await variable.set(name.replaceAll('-', '_'), { list: [1, null] })
}

/** Secrets turned around, so that they are seen to have been read and nothing that hides them hides them here. */
async function load(): Promise<unknown> {
  const { host, port, login, headers } = await Warehouse.load(name)
  const token = await Secret.load(name)
  return {
    host,
    port,
    user: login.user,
    password: turned(login.password),
    token: headers?.['token'] === undefined ? null : turned(headers['token']),
    secret: turned(token),
    json: await JsonBlock.load(name),
    variable: await variable.get(name.replaceAll('-', '_')),
  }
}

function turned(value: Secret): string {
  return [...value.reveal()].toReversed().join('')
}
