import type { Settings } from './load.ts'
import { settings as schema } from './schema.ts'
import type { SettingName } from './schema.ts'

const MASKED = '********'

/** What a server runs with, as it may be shown to whoever may call it: by key, without secrets. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  const { home, database, ...values } = settings
  const shown = Object.entries(values).map(([name, value]) => {
    const { key, secret } = schema[name as SettingName] // the members of `Settings` that come from the schema
    return [key, secret === true && value !== '' ? MASKED : value]
  })
  return { home, database: { type: database.type }, settings: Object.fromEntries(shown) }
}
