// Secrets that a deployment only names: they lie on the machine of the worker.
import { readFileSync } from 'node:fs'
import type { SecretReference } from '../../core/code-source.ts'
import { TuttiError } from '../../core/errors.ts'
import { registerSecret } from '../../engine/secret-mask.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const SECRET_MAX_CHARACTERS = 100_000

/**
 * @param what - whose secret it is, as `token of the repository`.
 * @throws `CODE_SECRET_MISSING`
 */
export function readSecret({ kind, name }: SecretReference, what: string, environment: Environment): string {
  const where = kind === 'env' ? `the environment variable ${name}` : `the file ${name}`
  const secret = (kind === 'env' ? (environment[name] ?? '') : readSecretFile(name, what, where)).trim()
  if (secret === '') throw new TuttiError('CODE_SECRET_MISSING', `the ${what} is not on this machine: ${where} is not set or empty`)
  registerSecret(secret)
  if (secret.length > SECRET_MAX_CHARACTERS) throw new TuttiError('CODE_SECRET_MISSING', `the ${what} is too long to be one: ${where}`)
  if (what.startsWith('token') && /[\r\n]/.test(secret))
    throw new TuttiError('CODE_SECRET_MISSING', `the ${what} has several lines: ${where}`)
  return secret
}

function readSecretFile(file: string, what: string, where: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'cannot be read' // thrown by the file system
    throw new TuttiError('CODE_SECRET_MISSING', `the ${what} is not on this machine: ${where} ${why}`, { cause })
  }
}
