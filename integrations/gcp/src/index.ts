export { GoogleCredentials } from './credentials.ts'
export type { GcpCredentialsFields, Impersonation } from './credentials.ts'
export type { SecretText } from './credentials-json.ts'
