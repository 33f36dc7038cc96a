import type { Settings } from './load.ts'
import { settings as schema } from './schema.ts'
import type { Setting, SettingName } from './schema.ts'

const MASKED = '********'

/** What a server runs with, as it may be shown to whoever may call it: by key, without secrets. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  const { home, database, ...values } = settings
  const shown = Object.entries(values).map(([name, value]) => {
    const { key, secret } = schema[name as SettingName] // the members of `Settings` that come from the schema
    return [key, secret === true && !isNothing(value) ? MASKED : value]
  })
  return { home, database: { type: database.type }, settings: Object.fromEntries(shown), described: described(values) }
}

/** Each with what it does and whether somebody has set it, for people. */
function described(values: Readonly<Record<string, unknown>>): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries(values).map(([name, value]) => {
    const { key, environment, doc, fallback, secret, parse }: Setting<unknown> = schema[name as SettingName] // as above
    const usual = parse(fallback)
    const isDefault = 'value' in usual && JSON.stringify(usual.value) === JSON.stringify(value)
    const isSecret = secret === true
    const shown = isSecret && !isNothing(value) ? MASKED : value
    return { key, environment, about: doc, value: shown, default: fallback, is_default: isDefault, is_secret: isSecret }
  })
}

function isNothing(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0)
}
