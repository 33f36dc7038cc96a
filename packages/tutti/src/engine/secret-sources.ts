import { isTuttiError, TuttiError } from '../core/errors.ts'
import { registerSecret } from './secret-mask.ts'
import { messageOf } from './thrown.ts'

/** Finds the value that a reference names: it is given what stands after the colon, and throws when there is none. */
export type SecretSource = (reference: string) => string | Promise<string>

const PREFIX = /^[a-z][a-z0-9-]{0,31}$/
/** Sources that other packages bring: a reference to one that is missing must not be taken for the value. */
const ELSEWHERE: Readonly<Record<string, string>> = { 'gcp-secret': '@tutti/gcp' }
/** Known also before this process is connected. */
const OWN: readonly string[] = ['env', 'file']

const KEY = Symbol.for('tutti.secret-sources')

/** The sources of this process: one list, also when two copies of the package are loaded. */
function sources(): Map<string, SecretSource> {
  // The symbol is ours alone.
  const place = globalThis as { [KEY]?: Map<string, SecretSource> }
  return (place[KEY] ??= new Map())
}

/**
 * Lets secret fields of blocks refer to secrets kept elsewhere: text that begins with the prefix and a colon is stored as it is, and
 * `resolve` finds the value in the process that loads the block. A later source of the same prefix takes the place of the one before.
 *
 * @example
 * registerSecretSource('vault', (path) => readFromVault(path))  // 'vault:team/token'
 * @throws `INVALID_OPTION` for a prefix with other characters than lowercase letters, numbers and dashes.
 */
export function registerSecretSource(prefix: string, resolve: SecretSource): void {
  if (!PREFIX.test(prefix))
    throw new TuttiError(
      'INVALID_OPTION',
      `the prefix ${JSON.stringify(prefix)} of a secret source is not made of lowercase letters, numbers and dashes`,
    )
  sources().set(prefix, resolve)
}

/** Sources that every process has, unless somebody has put another in their place. */
export function provideSecretSources(given: Readonly<Record<string, SecretSource>>): void {
  const known = sources()
  for (const [prefix, resolve] of Object.entries(given)) if (!known.has(prefix)) known.set(prefix, resolve)
}

/** The prefix of a text that refers to a secret elsewhere; `undefined`: it is the secret itself. */
export function secretPrefix(text: string): string | undefined {
  const at = text.indexOf(':')
  const prefix = text.slice(0, Math.max(at, 0))
  return sources().has(prefix) || OWN.includes(prefix) || Object.hasOwn(ELSEWHERE, prefix) ? prefix : undefined
}

/** The value of a secret field: what its reference names, or the text itself. It is hidden in everything runs write from now on. */
export async function resolveSecret(text: string): Promise<string> {
  const prefix = secretPrefix(text)
  const value = prefix === undefined ? text : await resolved(prefix, text)
  registerSecret(value)
  return value
}

async function resolved(prefix: string, text: string): Promise<string> {
  const source = sources().get(prefix)
  if (source === undefined)
    throw new TuttiError('SECRET_UNRESOLVED', `the secret ${text} cannot be found: import ${ELSEWHERE[prefix]} where it is used`)
  let value: unknown
  try {
    value = await source(text.slice(prefix.length + 1))
  } catch (error) {
    if (isTuttiError(error)) throw error
    throw new TuttiError('SECRET_UNRESOLVED', `the secret ${text} cannot be found: ${messageOf(error)}`, { cause: error })
  }
  if (typeof value !== 'string' || value === '') throw new TuttiError('SECRET_UNRESOLVED', `the secret ${text} is empty`)
  return value
}
