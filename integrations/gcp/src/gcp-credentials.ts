import { defineBlock, secret } from 'tutti'
import { z } from 'zod'
import { GoogleCredentials } from './credentials.ts'

const duration = z.union([z.string(), z.number()])

/**
 * Credentials for Google Cloud: the key of a service account, an external account (workload identity federation), or, with neither, what the
 * machine has. Each of them may act as another service account. Loading gives {@link GoogleCredentials}, which asks Google for nothing yet.
 */
export const GcpCredentials = defineBlock({
  name: 'GCP Credentials',
  slug: 'gcp-credentials',
  description: 'Credentials for Google Cloud: a service account, workload identity federation, impersonation, or those of the machine.',
  documentationUrl: 'https://cloud.google.com/docs/authentication',
  codeExample: `import { GcpCredentials } from '@tutti/gcp'

await GcpCredentials.save('prod', { serviceAccount: 'file:/run/secrets/key.json' })
const credentials = await GcpCredentials.load('prod')`,
  fields: {
    project: z.string().min(1).optional().describe('The project that requests are made for; else the one the credentials belong to.'),
    serviceAccount: secret().optional().describe("The JSON of a service account's key, or `file:/path` or `gcp-secret:…` to it."),
    externalAccount: secret().optional().describe('The JSON of an external account: workload identity federation, without a key.'),
    impersonate: z
      .object({
        account: z.string().min(1).describe('Email address of the service account.'),
        delegates: z.array(z.string()).optional().describe('Service accounts in between, each of which may act as the next.'),
        scopes: z.array(z.string()).optional(),
        lifetime: duration.optional().describe('How long a token is good for, at most 12 hours; an hour when nothing is given.'),
        endpoint: z.string().optional().describe('Another address of IAM, as of a private endpoint.'),
      })
      .optional()
      .describe('Act as another service account, which these credentials must be allowed to.'),
    scopes: z.array(z.string()).optional().describe('What tokens may be used for; all that the account may do when nothing is given.'),
    quotaProject: z.string().optional().describe('The project that is billed for requests, where it is another one.'),
  },
  create: (fields) => new GoogleCredentials(fields),
})
