import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { TuttiError } from '../core/errors.ts'
import { configPath, homeOf, unknownSetting } from '../settings/load.ts'
import { findSetting } from '../settings/schema.ts'
import type { SettingName } from '../settings/schema.ts'
import type { World } from './world.ts'

type Config = Readonly<Record<string, unknown>>

/** The setting of a key or of the name of its environment variable. */
export function settingNamed(name: string): SettingName {
  const found = findSetting(name)
  if (found === undefined) throw unknownSetting(name, 'see them all with `tutti config view`')
  return found
}

/** Changes `config.json` as a whole, so that nobody reads half of it. What else stands in it is kept, even what is wrong. */
export function changeConfig(world: World, change: (config: Config) => Config): string {
  const home = homeOf(world.environment)
  const file = configPath(home)
  const changed = change(readRaw(file, world.readFile(file)))
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const draft = path.join(home, `.config.${process.pid}.json`)
  // Settings may hold passwords.
  writeFileSync(draft, `${JSON.stringify(changed, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(draft, file)
  return file
}

function readRaw(file: string, text: string | undefined): Config {
  if (text === undefined) return {}
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new TuttiError('INVALID_SETTING', `${file} is not JSON: mend or remove it`, { cause: error })
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new TuttiError('INVALID_SETTING', `${file} must hold one JSON object: mend or remove it`)
  return data as Config // an object it is
}
