import { join, resolve } from 'node:path'
import type { DatabaseLocation } from '../core/database-location.ts'
import { TuttiError } from '../core/errors.ts'
import { suggestion } from '../core/suggestion.ts'
import { defaultHome, findSetting, HOME, schema, settings } from './schema.ts'
import type { Setting, SettingName } from './schema.ts'

/** What the program runs with; read once, when it connects. */
export interface Settings extends Omit<SettingValues, 'databaseUrl'> {
  readonly home: string
  readonly database: DatabaseLocation
}

type SettingValues = { readonly [Name in SettingName]: (typeof schema)[Name] extends Setting<infer T> ? T : never }

export type SettingSource = 'default' | 'file' | 'environment'

export interface SettingText {
  readonly text: string
  readonly source: SettingSource
}

type Environment = Readonly<Record<string, string | undefined>>
type ReadFile = (path: string) => string | undefined

/** The home: `TUTTI_HOME`, or `~/.tutti`. */
export function homeOf(environment: Environment): string {
  const given = environment[HOME]
  return given === undefined || given === '' ? defaultHome() : resolve(given)
}

export function configPath(home: string): string {
  return join(home, 'config.json')
}

/**
 * Reads every setting: the environment first, then `config.json` in the home, then the default.
 *
 * @throws `INVALID_SETTING` naming the setting, where it was set and what it may be.
 */
export function loadSettings(environment: Environment, readFile: ReadFile): Settings {
  const home = homeOf(environment)
  const texts = settingTexts(environment, readConfig(home, readFile))
  const value = <Name extends SettingName>(name: Name): SettingValues[Name] =>
    readSetting(name, texts[name].text, texts[name].source === 'environment' ? schema[name].environment : configPath(home))
  const database = value('databaseUrl')

  const loaded: Settings = {
    home,
    database:
      database.type === 'sqlite' && database.path !== ':memory:' ? { type: 'sqlite', path: resolve(home, database.path) } : database,
    apiUrl: value('apiUrl'),
    apiAuthString: value('apiAuthString'),
    apiKey: value('apiKey'),
    serverWaitMs: value('serverWaitMs'),
    encryptionKey: value('encryptionKey'),
    encryptionKeyCommand: value('encryptionKeyCommand'),
    encryptionOtherKeys: value('encryptionOtherKeys'),
    serverHosts: value('serverHosts'),
    serverOrigins: value('serverOrigins'),
    serverBodyMaxBytes: value('serverBodyMaxBytes'),
    serverRequestTimeoutMs: value('serverRequestTimeoutMs'),
    serverRequestsMax: value('serverRequestsMax'),
    serverStopGraceMs: value('serverStopGraceMs'),
    serverLogLevel: value('serverLogLevel'),
    serverSlowRequestMs: value('serverSlowRequestMs'),
    durability: value('durability'),
    storeBusyTimeoutMs: value('storeBusyTimeoutMs'),
    leaseBeatMs: value('leaseBeatMs'),
    leaseExpiryMs: value('leaseExpiryMs'),
    cancelGraceMs: value('cancelGraceMs'),
    settleGraceMs: value('settleGraceMs'),
    taskConcurrency: value('taskConcurrency'),
    waitInProcessMs: value('waitInProcessMs'),
    codeTimeoutMs: value('codeTimeoutMs'),
    codeInstallTimeoutMs: value('codeInstallTimeoutMs'),
    codeKeepMax: value('codeKeepMax'),
    codeKeepMaxBytes: value('codeKeepMaxBytes'),
    log: value('log'),
    logLevel: value('logLevel'),
    keepFlowRunsDays: value('keepFlowRunsDays'),
    keepLogsDays: value('keepLogsDays'),
    keepEventsDays: value('keepEventsDays'),
    schedulerMs: value('schedulerMs'),
    lateRunsMs: value('lateRunsMs'),
    statusMs: value('statusMs'),
    cleanupMs: value('cleanupMs'),
    leasesMs: value('leasesMs'),
    rollupsMs: value('rollupsMs'),
    retentionMs: value('retentionMs'),
  }
  if (loaded.leaseExpiryMs < 2 * loaded.leaseBeatMs) {
    throw new TuttiError(
      'INVALID_SETTING',
      `the lease expires after ${loaded.leaseExpiryMs} ms, which is less than two beats of ${loaded.leaseBeatMs} ms`,
    )
  }
  return loaded
}

/** Every setting as text, with where it comes from. */
export function settingTexts(
  environment: Environment,
  config: Readonly<Record<string, string>>,
): Readonly<Record<SettingName, SettingText>> {
  const names = Object.keys(settings) as SettingName[] // the keys of `schema`
  const entries = names.map((name): [SettingName, SettingText] => {
    const { environment: variable, key, fallback } = settings[name]
    const given = environment[variable]
    if (given !== undefined && given !== '') return [name, { text: given, source: 'environment' }]
    const filed = config[key]
    return [name, filed === undefined ? { text: fallback, source: 'default' } : { text: filed, source: 'file' }]
  })
  return Object.fromEntries(entries) as Record<SettingName, SettingText> // one entry for each name
}

/** @throws `INVALID_SETTING` */
export function readSetting<Name extends SettingName>(name: Name, text: string, where: string): SettingValues[Name] {
  const { parse, key, secret } = settings[name]
  const read = parse(text)
  if ('problem' in read) {
    throw new TuttiError(
      'INVALID_SETTING',
      `the setting ${key}${secret === true ? '' : ` is ${JSON.stringify(text)}`} in ${where}: it ${read.problem}`,
    )
  }
  return read.value as SettingValues[Name] // `settings` is `schema` without the type of each parser
}

/** The settings of `config.json` by key, as text. */
export function readConfig(home: string, readFile: ReadFile): Readonly<Record<string, string>> {
  const path = configPath(home)
  const text = readIn(home, path, readFile)
  if (text === undefined) return {}
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new TuttiError('INVALID_SETTING', `${path} is not JSON`, { cause: error })
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    throw new TuttiError('INVALID_SETTING', `${path} must hold one JSON object`)

  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      if (findSetting(key) === undefined) throw unknownSetting(key, path)
      if (typeof value !== 'string' && typeof value !== 'number')
        throw new TuttiError('INVALID_SETTING', `${key} in ${path} must be text or a number`)
      return [key, String(value)]
    }),
  )
}

function readIn(home: string, path: string, readFile: ReadFile): string | undefined {
  try {
    return readFile(path)
  } catch (cause) {
    throw new TuttiError('HOME_UNUSABLE', `the home ${home} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

export function unknownSetting(name: string, where: string): TuttiError {
  const near = suggestion(
    name,
    Object.values(settings).map((setting) => setting.key),
  )
  return new TuttiError('INVALID_SETTING', `there is no setting ${name} (${where})${near === undefined ? '' : `; did you mean ${near}?`}`)
}
