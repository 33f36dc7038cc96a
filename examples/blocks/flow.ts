import { flow, log, task, variable } from 'tutti'
import { z } from 'zod'
import { Login, Warehouse } from './blocks.ts'

const load = task({ name: 'load' }, async (name: string, rows: readonly number[]) => {
  const warehouse = await Warehouse.load(name)
  const inserted = await warehouse.insert(rows)
  log.info(`${inserted} rows to ${warehouse.address} as ${warehouse.user}`)
  return inserted
})

export const nightly = flow({ name: 'nightly' }, async (name: string) => {
  const size = await variable.get('page-size', z.number().int().default(2))
  let inserted = 0
  for (let from = 0; from < 5; from += size) {
    const page = [1, 2, 3, 4, 5].slice(from, from + size)
    inserted += await load(name, page)
  }
  return inserted
})

if (import.meta.main) {
  await Login.save('writer', { user: 'etl', password: 'not a real password' }, { overwrite: true })
  await Warehouse.save('main', { host: 'db.example.com', login: 'writer' }, { overwrite: true })
  await variable.set('page-size', 3, { tags: ['etl'], overwrite: true })
  console.log(`${await nightly('main')} rows`)
  const { password } = await Login.load('writer')
  console.log(`the password is ${password.toString()}`)
}
