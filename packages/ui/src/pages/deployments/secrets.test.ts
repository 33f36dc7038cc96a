import { expect, it } from 'vitest'
import { withoutSecrets } from './secrets.ts'

it('secrets are not shown, wherever they stand; references to them are', () => {
  const steps = [
    {
      'tutti.git_clone': {
        repository: 'https://ada:s3cret@example.com/flows.git',
        access_token: 'ghp_1',
        credentials: '{{ prefect.blocks.github.main }}',
        branch: 'main',
      },
    },
    { env: { DB_PASSWORD: 'x', DB_HOST: 'db' } },
  ]

  expect(withoutSecrets(steps)).toEqual([
    {
      'tutti.git_clone': {
        repository: 'https://••••@example.com/flows.git',
        access_token: '••••••••',
        credentials: '{{ prefect.blocks.github.main }}',
        branch: 'main',
      },
    },
    { env: { DB_PASSWORD: '••••••••', DB_HOST: 'db' } },
  ])
})
