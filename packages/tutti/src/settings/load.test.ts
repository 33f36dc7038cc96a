import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isTuttiError } from '../core/errors.ts'
import { configPath, homeOf, loadSettings, settingTexts } from './load.ts'
import type { Settings } from './load.ts'
import { findSetting, settings } from './schema.ts'

const HOME = '/data/tutti'

/** Loads with a `config.json` of this content and these variables. */
function load(config: unknown, environment: Readonly<Record<string, string>> = {}): Settings {
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  return loadSettings({ TUTTI_HOME: HOME, ...environment }, (file) => (file === configPath(HOME) ? text : undefined))
}

/** The message with which loading is refused. */
function refusal(config: unknown, environment: Readonly<Record<string, string>> = {}): string {
  try {
    load(config, environment)
  } catch (error) {
    if (isTuttiError(error) && error.code === 'INVALID_SETTING') return error.message
    throw error
  }
  return 'nothing was refused'
}

describe('where a setting comes from', () => {
  test('without anything set every setting has its default', () => {
    const loaded = loadSettings({ TUTTI_HOME: HOME }, () => undefined)

    expect(loaded).toEqual({
      home: HOME,
      database: { type: 'sqlite', path: join(HOME, 'tutti.db') },
      apiUrl: '',
      apiAuthString: '',
      apiKey: '',
      serverWaitMs: 600_000,
      encryptionKey: '',
      encryptionKeyCommand: [],
      encryptionOtherKeys: [],
      serverHosts: [],
      serverOrigins: [],
      serverBodyMaxBytes: 33_554_432,
      serverRequestTimeoutMs: 120_000,
      serverRequestsMax: 2_000,
      serverStopGraceMs: 10_000,
      serverLogLevel: 'info',
      serverSlowRequestMs: 1_000,
      durability: 'normal',
      storeBusyTimeoutMs: 30_000,
      leaseBeatMs: 15_000,
      leaseExpiryMs: 45_000,
      cancelGraceMs: 10_000,
      settleGraceMs: 1_000,
      taskConcurrency: 100,
      waitInProcessMs: 60_000,
      codeTimeoutMs: 300_000,
      codeInstallTimeoutMs: 900_000,
      codeKeepMax: 20,
      codeKeepMaxBytes: 10_737_418_240,
      log: 'auto',
      logLevel: 'info',
      keepFlowRunsDays: 90,
      keepLogsDays: 30,
      keepEventsDays: 7,
      schedulerMs: 60_000,
      lateRunsMs: 5_000,
      statusMs: 15_000,
      cleanupMs: 20_000,
      leasesMs: 15_000,
      rollupsMs: 60_000,
      retentionMs: 3_600_000,
    })
  })

  test('config.json goes before the default, the environment before config.json', () => {
    const config = { logLevel: 'warn', cancelGrace: '3s' }

    expect(load(config)).toMatchObject({ logLevel: 'warn', cancelGraceMs: 3_000 })
    expect(load(config, { TUTTI_LOG_LEVEL: 'debug' })).toMatchObject({ logLevel: 'debug', cancelGraceMs: 3_000 })
  })

  test('a list is written with commas', () => {
    expect(load({ serverHosts: 'tutti, tutti.local,' }).serverHosts).toEqual(['tutti', 'tutti.local'])
  })

  test('a variable that is empty counts as not set', () => {
    expect(load({ logLevel: 'warn' }, { TUTTI_LOG_LEVEL: '' }).logLevel).toBe('warn')
  })

  test('each setting tells where its text comes from', () => {
    const texts = settingTexts({ TUTTI_LOG: 'json' }, { logLevel: 'warn' })

    expect(texts.log).toEqual({ text: 'json', source: 'environment' })
    expect(texts.logLevel).toEqual({ text: 'warn', source: 'file' })
    expect(texts.durability).toEqual({ text: 'normal', source: 'default' })
  })

  test('a setting is found by its key and by its variable', () => {
    expect(findSetting('leaseBeat')).toBe('leaseBeatMs')
    expect(findSetting('TUTTI_LEASE_BEAT')).toBe('leaseBeatMs')
    expect(findSetting('leaseBeatMs')).toBeUndefined()
  })

  test('every default can be read by its own parser', () => {
    const unreadable = Object.values(settings).filter(({ parse, fallback }) => 'problem' in parse(fallback))

    expect(unreadable).toEqual([])
  })

  test('no two settings share a key or a variable', () => {
    const names = Object.values(settings).flatMap(({ key, environment }) => [key, environment])

    expect(new Set(names).size).toBe(names.length)
  })
})

describe('the home and the database', () => {
  test('TUTTI_HOME is made absolute; without it the home is .tutti of the user', () => {
    expect(homeOf({ TUTTI_HOME: 'here' })).toBe(join(process.cwd(), 'here'))
    expect(homeOf({ TUTTI_HOME: '' })).toBe(join(homedir(), '.tutti'))
    expect(homeOf({})).toBe(join(homedir(), '.tutti'))
  })

  test.each([
    ['file:runs/mine.db', join(HOME, 'runs/mine.db')],
    ['file:/srv/tutti.db', '/srv/tutti.db'],
    ['file:///srv/tutti.db', '/srv/tutti.db'],
    ['sqlite:mine.db', join(HOME, 'mine.db')],
    [':memory:', ':memory:'],
  ])('the database %s is %s', (databaseUrl, databasePath) => {
    expect(load({ databaseUrl }).database).toEqual({ type: 'sqlite', path: databasePath })
  })

  test.each(['postgres://me:secret@db/tutti', 'postgresql://db:5433/tutti?prepare=false'])('the database %s is on a server', (url) => {
    expect(load({ databaseUrl: url }).database).toEqual({ type: 'postgres', url })
  })

  test('a PostgreSQL address that is none is refused in words, and its password is not repeated', () => {
    const message = refusal({}, { TUTTI_DATABASE_URL: 'postgres:me:secret@db/tutti' })

    expect(message).toContain('databaseUrl in TUTTI_DATABASE_URL: it must be postgres://')
    expect(message).not.toContain('secret')
  })
})

test.each([
  ['pass show tutti/key', ['pass', 'show', 'tutti/key']],
  [`'/opt/my tools/key' --name="the key" $HOME`, ['/opt/my tools/key', '--name=the key', '$HOME']],
  ['', []],
])('the command %j is started as %j', (encryptionKeyCommand, words) => {
  expect(load({ encryptionKeyCommand }).encryptionKeyCommand).toEqual(words)
})

test.each([
  ['one, two', ['one', 'two']],
  ['["with, comma","two"]', ['with, comma', 'two']],
])('the keys %j are %j', (encryptionOtherKeys, keys) => {
  expect(load({ encryptionOtherKeys }).encryptionOtherKeys).toEqual(keys)
})

test('a command with half a quote, and a list of keys that is none, are refused without being repeated', () => {
  expect(refusal({}, { TUTTI_ENCRYPTION_KEY_COMMAND: `tool "my key` })).toMatch(/quote that is not closed$/)
  expect(refusal({}, { TUTTI_ENCRYPTION_OTHER_KEYS: '["my key",' })).toMatch(/JSON list of texts$/)
})

describe('values that cannot be', () => {
  test.each([
    ['TUTTI_LOG_LEVEL', 'loud', 'the setting logLevel is "loud" in TUTTI_LOG_LEVEL: it must be one of debug, info, warn, error'],
    [
      'TUTTI_LEASE_BEAT',
      'soon',
      'the setting leaseBeat is "soon" in TUTTI_LEASE_BEAT: it must be milliseconds or a duration such as 15s or 2m',
    ],
    ['TUTTI_LEASE_BEAT', '0', 'the setting leaseBeat is "0" in TUTTI_LEASE_BEAT: it must be longer than nothing'],
    ['TUTTI_KEEP_LOGS', 'ever', 'the setting keepLogs is "ever" in TUTTI_KEEP_LOGS: it must be a duration such as 90d or 12h'],
    [
      'TUTTI_TASK_CONCURRENCY',
      '0',
      'the setting taskConcurrency is "0" in TUTTI_TASK_CONCURRENCY: it must be a whole number from 1 to 100000',
    ],
    [
      'TUTTI_TASK_CONCURRENCY',
      '1.5',
      'the setting taskConcurrency is "1.5" in TUTTI_TASK_CONCURRENCY: it must be a whole number from 1 to 100000',
    ],
  ])('%s=%s is refused with what it may be', (variable, text, message) => {
    expect(refusal({}, { [variable]: text })).toBe(message)
  })

  test('a bad value of config.json is named with that file', () => {
    expect(refusal({ log: 'fancy' })).toBe(
      `the setting log is "fancy" in ${HOME}/config.json: it must be one of auto, pretty, plain, json, quiet`,
    )
  })

  test('a number in config.json is read as its text', () => {
    expect(load({ taskConcurrency: 7, cancelGrace: 2_500 })).toMatchObject({ taskConcurrency: 7, cancelGraceMs: 2_500 })
  })

  test('a key nobody knows is refused, with the one that was meant', () => {
    expect(refusal({ logLevle: 'warn' })).toBe(`there is no setting logLevle (${HOME}/config.json); did you mean logLevel?`)
    expect(refusal({ colour: 'red' })).toBe(`there is no setting colour (${HOME}/config.json)`)
  })

  test.each([
    ['{ "log": ', `${HOME}/config.json is not JSON`],
    ['["log"]', `${HOME}/config.json must hold one JSON object`],
    ['null', `${HOME}/config.json must hold one JSON object`],
    ['{ "log": true }', `log in ${HOME}/config.json must be text or a number`],
  ])('the file %s is refused', (text, message) => {
    expect(refusal(text)).toBe(message)
  })

  test.each([
    ['http://127.0.0.1:4200/api/', 'http://127.0.0.1:4200/api'],
    ['http://127.0.0.1:4200', 'http://127.0.0.1:4200/api'],
    ['https://flows.example/tutti/api', 'https://flows.example/tutti/api'],
  ])('the server of %s is at %s', (given, url) => {
    expect(load({}, { TUTTI_API_URL: given }).apiUrl).toBe(url)
  })

  test('a home that cannot be read is named', () => {
    const readFile = (path: string): never => {
      throw new Error(`EACCES: permission denied, open '${path}'`)
    }

    expect(() => loadSettings({ TUTTI_HOME: HOME }, readFile)).toThrow(
      expect.objectContaining({ code: 'HOME_UNUSABLE', message: expect.stringContaining(HOME) as string }),
    )
  })

  test('a lease lasts at least two beats', () => {
    expect(load({ leaseBeat: '10s', leaseExpiry: '20s' })).toMatchObject({ leaseBeatMs: 10_000, leaseExpiryMs: 20_000 })
    expect(refusal({ leaseBeat: '10s', leaseExpiry: '19s' })).toBe(
      'the lease expires after 19000 ms, which is less than two beats of 10000 ms',
    )
  })
})
