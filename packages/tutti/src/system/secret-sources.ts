import { readFile } from 'node:fs/promises'
import { isAbsolute } from 'node:path'

/** More is no secret but a file. */
const SECRET_MAX_CHARACTERS = 256 * 1024

/** Secrets that are kept where a process finds them without asking anybody: `env:NAME` and `file:/path`. */
export const systemSecretSources: Readonly<Record<string, (reference: string) => string | Promise<string>>> = {
  env(name) {
    const value = process.env[name]
    if (value === undefined) throw new Error(`the environment variable ${name} is not set in this process`)
    // A report of Node about a crash has every variable in it.
    if (process.report !== undefined) Object.assign(process.report, { excludeEnv: true })
    return value
  },

  async file(path) {
    if (!isAbsolute(path)) throw new Error(`${path} is not the whole path of a file, which begins with a slash`)
    const text = await readFile(path, 'utf8')
    if (text.length > SECRET_MAX_CHARACTERS) throw new Error(`the file holds more than ${SECRET_MAX_CHARACTERS} characters`)
    // Editors end a file with a line break, and whoever keeps secrets in files does not mean it.
    return text.replace(/\r?\n$/, '')
  },
}
