import { flow, log, registerSecretSource, Secret, task } from 'tutti'

// Where a team keeps its secrets: here a list, elsewhere a vault that is asked.
const vault = new Map([['billing/token', 'tok-8f3b2c91']])

registerSecretSource('vault', (path) => {
  const value = vault.get(path)
  if (value === undefined) throw new Error(`the vault has nothing at ${path}`)
  return value
})

const fetchInvoices = task({ name: 'fetch-invoices' }, async (token: Secret) => {
  const headers = { authorization: `Bearer ${token.reveal()}` }
  log.info('asking the billing service with', headers)
  return 3
})

export const invoices = flow({ name: 'invoices' }, async () => {
  const token = await Secret.load('billing-token')
  return fetchInvoices(token)
})

if (import.meta.main) {
  await Secret.save('billing-token', 'vault:billing/token', { overwrite: true })
  console.log(await invoices(), 'invoices with the token', String(await Secret.load('billing-token')))
}
