import { z } from 'zod'
import { gcpError } from './errors.ts'

/** A secret as text, or as something that reveals it. */
export type SecretText = string | { reveal(): string }

/** A file of credentials as Google writes them. What is not named here is handed on to Google's library as it is. */
export type CredentialsJson = z.infer<typeof serviceAccount> | z.infer<typeof externalAccount>

const serviceAccount = z.looseObject({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  project_id: z.string().optional(),
})

const externalAccount = z.looseObject({
  type: z.literal('external_account'),
  audience: z.string().min(1),
  subject_token_type: z.string().min(1),
  token_url: z.string().min(1),
  project_id: z.string().optional(),
  client_email: z.undefined().optional(),
})

export function readServiceAccount(secret: SecretText): CredentialsJson {
  return read(serviceAccount, secret, 'serviceAccount')
}

export function readExternalAccount(secret: SecretText): CredentialsJson {
  return read(externalAccount, secret, 'externalAccount')
}

/** Says what is wrong without a word of what was given. */
function read<T>(schema: z.ZodType<T>, secret: SecretText, field: string): T {
  const text = typeof secret === 'string' ? secret : secret.reveal()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw gcpError('INVALID_CREDENTIALS', `${field} is not JSON`)
  }
  const { data, error } = schema.safeParse(json)
  if (error === undefined) return data
  const members = [...new Set(error.issues.map(({ path }) => path.join('.')))].filter((member) => member !== '')
  throw gcpError(
    'INVALID_CREDENTIALS',
    `${field}: ${members.length === 0 ? 'it is no object' : `${members.join(', ')} is missing or wrong`}`,
  )
}
