import { block, defineBlock, secret } from 'tutti'
import { z } from 'zod'

export const Login = defineBlock({
  name: 'Login',
  description: 'Who asks, and how that is shown.',
  fields: { user: z.string(), password: secret() },
})

export const Warehouse = defineBlock({
  name: 'Warehouse',
  description: 'Where rows are kept.',
  fields: {
    host: z.string().describe('Name or address of the machine.'),
    port: z.number().int().default(5432),
    login: block(Login),
  },
  create: ({ host, port, login }, { name }) => new WarehouseClient(`${host}:${port}`, login.user, login.password.reveal(), name),
})

/** Stands for the client of a real database. */
class WarehouseClient {
  readonly address: string
  readonly user: string
  readonly name: string | null
  readonly #password: string

  constructor(address: string, user: string, password: string, name: string | null) {
    this.address = address
    this.user = user
    this.name = name
    this.#password = password
  }

  async insert(rows: readonly unknown[]): Promise<number> {
    if (this.#password === '') throw new Error(`${this.user} may not write`)
    return rows.length
  }
}
