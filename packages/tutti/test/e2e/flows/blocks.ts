import { block, defineBlock, flow, secret, variable } from 'tutti'
import { z } from 'zod'

export const Login = defineBlock({
  name: 'E2E login',
  fields: { user: z.string(), password: secret() },
})

export const Warehouse = defineBlock({
  name: 'E2E warehouse',
  fields: { host: z.string().describe('Where it is.'), port: z.number().int().default(5432), login: block(Login) },
})

export const reach = flow({ name: 'reach' }, async () => {
  const { host, port, login } = await Warehouse.load('main')
  return { address: `${host}:${port}`, user: login.user, characters: login.password.reveal().length, size: await variable.get('size', 1) }
})
