import { homedir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseLocation } from '../core/database-location.ts'
import { parseDuration } from '../core/duration.ts'

/** How a setting is read from text: the value, or what is wrong with the text as the end of a sentence. */
export type Parse<T> = (text: string) => { readonly value: T } | { readonly problem: string }

/** One setting: where it comes from, what it is when nobody sets it, and what it does. The reference page derives from these. */
export interface Setting<T> {
  readonly environment: string
  /** As written in `config.json`. */
  readonly key: string
  readonly parse: Parse<T>
  /** As the user would write it. */
  readonly fallback: string
  readonly doc: string
  /** Its value is never shown. */
  readonly secret?: boolean
  /** What may be written, for errors and completion. */
  readonly choices?: readonly string[]
}

/** Where everything of this user is kept; the one setting that `config.json`, which lies in it, cannot change. */
export const HOME = 'TUTTI_HOME'

export function defaultHome(): string {
  return join(homedir(), '.tutti')
}

/** Every setting, in the order in which people read about them. */
export const schema = {
  databaseUrl: {
    environment: 'TUTTI_DATABASE_URL',
    key: 'databaseUrl',
    parse: databaseUrl,
    fallback: 'file:tutti.db',
    doc: 'The database: `file:PATH` of a SQLite file (relative to the home), `postgres://user:password@host:5432/database`, or `:memory:`.',
    secret: true,
  },
  apiUrl: {
    environment: 'TUTTI_API_URL',
    key: 'apiUrl',
    parse: apiUrl,
    fallback: '',
    doc: 'The server that flows go through, as in http://127.0.0.1:4200/api. Without it: the one of this home, if it runs, else the database.',
  },
  apiAuthString: {
    environment: 'TUTTI_API_AUTH_STRING',
    key: 'apiAuthString',
    parse: anyText,
    fallback: '',
    doc: 'The `user:password` that a server asks of its callers, and that callers give.',
    secret: true,
  },
  apiKey: {
    environment: 'TUTTI_API_KEY',
    key: 'apiKey',
    parse: anyText,
    fallback: '',
    doc: 'A key for a server, or for the gateway before it, that asks for one instead of an auth string; sent as a bearer token.',
    secret: true,
  },
  serverWaitMs: {
    environment: 'TUTTI_SERVER_WAIT',
    key: 'serverWait',
    parse: duration,
    fallback: '10m',
    doc: 'How long a run waits for a server that does not answer.',
  },
  encryptionKey: {
    environment: 'TUTTI_ENCRYPTION_KEY',
    key: 'encryptionKey',
    parse: anyText,
    fallback: '',
    doc: 'What the secrets of blocks are sealed with; servers that share a database need the same. Without it: the file `secret.key` of the home.',
    secret: true,
  },
  encryptionKeyCommand: {
    environment: 'TUTTI_ENCRYPTION_KEY_COMMAND',
    key: 'encryptionKeyCommand',
    parse: commandWords,
    fallback: '',
    doc: 'A program that prints the key instead, started once and without a shell, as in `pass show tutti/key`; further lines are older keys.',
    secret: true,
  },
  encryptionOtherKeys: {
    environment: 'TUTTI_ENCRYPTION_OTHER_KEYS',
    key: 'encryptionOtherKeys',
    parse: keyList,
    fallback: '',
    doc: 'Further keys that open what was sealed with them, between commas or as a JSON list: the old ones until everything is sealed anew.',
    secret: true,
  },
  serverHosts: {
    environment: 'TUTTI_SERVER_HOSTS',
    key: 'serverHosts',
    parse: list,
    fallback: '',
    doc: 'Names under which a server without an auth string is reached, besides those of this machine: `tutti,tutti.local`. `*`: any.',
  },
  serverOrigins: {
    environment: 'TUTTI_SERVER_ORIGINS',
    key: 'serverOrigins',
    parse: list,
    fallback: '',
    doc: 'Pages of other addresses that may call the server from a browser: `https://ui.example.com`.',
  },
  serverBodyMaxBytes: {
    environment: 'TUTTI_SERVER_BODY_MAX',
    key: 'serverBodyMax',
    parse: wholeNumber(1024, 1_073_741_824),
    fallback: '33554432',
    doc: 'Bytes that a request may send; results of runs have a limit of their own.',
  },
  serverRequestTimeoutMs: {
    environment: 'TUTTI_SERVER_REQUEST_TIMEOUT',
    key: 'serverRequestTimeout',
    parse: duration,
    fallback: '2m',
    doc: 'How long a request may take to arrive.',
  },
  serverRequestsMax: {
    environment: 'TUTTI_SERVER_REQUESTS_MAX',
    key: 'serverRequestsMax',
    parse: wholeNumber(1, 1_000_000),
    fallback: '2000',
    doc: 'Requests that a server works on at the same time; more are told to come again.',
  },
  serverStopGraceMs: {
    environment: 'TUTTI_SERVER_STOP_GRACE',
    key: 'serverStopGrace',
    parse: duration,
    fallback: '10s',
    doc: 'How long a server that stops waits for the requests under way.',
  },
  serverLogLevel: {
    environment: 'TUTTI_SERVER_LOG_LEVEL',
    key: 'serverLogLevel',
    parse: choice('debug', 'info', 'warn', 'error'),
    fallback: 'info',
    doc: 'The lowest level of what a server logs about itself; `debug` tells of every request.',
    choices: ['debug', 'info', 'warn', 'error'],
  },
  serverSlowRequestMs: {
    environment: 'TUTTI_SERVER_SLOW_REQUEST',
    key: 'serverSlowRequest',
    parse: duration,
    fallback: '1s',
    doc: 'Requests that take longer are logged as slow.',
  },
  durability: {
    environment: 'TUTTI_DURABILITY',
    key: 'durability',
    parse: choice('normal', 'full'),
    fallback: 'normal',
    doc: '`normal` survives the death of the process; `full` also a power cut, at the price of one disk sync for each commit.',
    choices: ['normal', 'full'],
  },
  storeBusyTimeoutMs: {
    environment: 'TUTTI_STORE_BUSY_TIMEOUT',
    key: 'storeBusyTimeout',
    parse: duration,
    fallback: '30s',
    doc: 'How long to wait for a database that another process holds locked.',
  },
  leaseBeatMs: {
    environment: 'TUTTI_LEASE_BEAT',
    key: 'leaseBeat',
    parse: duration,
    fallback: '15s',
    doc: 'How often a process tells that its runs are alive.',
  },
  leaseExpiryMs: {
    environment: 'TUTTI_LEASE_EXPIRY',
    key: 'leaseExpiry',
    parse: duration,
    fallback: '45s',
    doc: 'How long a run whose process is silent counts as alive, when another machine asks. At least two beats.',
  },
  cancelGraceMs: {
    environment: 'TUTTI_CANCEL_GRACE',
    key: 'cancelGrace',
    parse: duration,
    fallback: '10s',
    doc: 'How long cancelled code may clean up before it is given up.',
  },
  settleGraceMs: {
    environment: 'TUTTI_SETTLE_GRACE',
    key: 'settleGrace',
    parse: duration,
    fallback: '1s',
    doc: 'How long calls that nobody awaited may go on after their flow has ended.',
  },
  taskConcurrency: {
    environment: 'TUTTI_TASK_CONCURRENCY',
    key: 'taskConcurrency',
    parse: wholeNumber(1, 100_000),
    fallback: '100',
    doc: 'Task runs of one flow run at the same time, for flows that do not say.',
  },
  waitInProcessMs: {
    environment: 'TUTTI_WAIT_IN_PROCESS',
    key: 'waitInProcess',
    parse: duration,
    fallback: '60s',
    doc: 'A run of a deployment that only waits, and longer than this, gives its process back.',
  },
  codeTimeoutMs: {
    environment: 'TUTTI_CODE_TIMEOUT',
    key: 'codeTimeout',
    parse: duration,
    fallback: '5m',
    doc: 'How long a worker waits for each answer of a git repository that it fetches code from.',
  },
  codeInstallTimeoutMs: {
    environment: 'TUTTI_CODE_INSTALL_TIMEOUT',
    key: 'codeInstallTimeout',
    parse: duration,
    fallback: '15m',
    doc: 'How long a worker lets npm install the packages of fetched code.',
  },
  codeKeepMax: {
    environment: 'TUTTI_CODE_KEEP',
    key: 'codeKeep',
    parse: wholeNumber(1, 10_000),
    fallback: '20',
    doc: 'Commits whose code is kept on the machine of a worker; those in use are kept beyond it.',
  },
  codeKeepMaxBytes: {
    environment: 'TUTTI_CODE_KEEP_BYTES',
    key: 'codeKeepBytes',
    parse: wholeNumber(1_048_576, Number.MAX_SAFE_INTEGER),
    fallback: '10737418240',
    doc: 'Bytes of fetched code and its packages that are kept on the machine of a worker.',
  },
  log: {
    environment: 'TUTTI_LOG',
    key: 'log',
    parse: choice('auto', 'pretty', 'plain', 'json', 'quiet'),
    fallback: 'auto',
    doc: 'How runs are printed: `auto` is pretty on a terminal and plain elsewhere.',
    choices: ['auto', 'pretty', 'plain', 'json', 'quiet'],
  },
  logLevel: {
    environment: 'TUTTI_LOG_LEVEL',
    key: 'logLevel',
    parse: choice('debug', 'info', 'warn', 'error'),
    fallback: 'info',
    doc: 'The lowest level of log lines that are printed; all are kept.',
    choices: ['debug', 'info', 'warn', 'error'],
  },
  keepFlowRunsDays: {
    environment: 'TUTTI_KEEP_FLOW_RUNS',
    key: 'keepFlowRuns',
    parse: days,
    fallback: '90d',
    doc: 'How long finished runs are kept.',
  },
  schedulerMs: {
    environment: 'TUTTI_SCHEDULER_INTERVAL',
    key: 'schedulerInterval',
    parse: duration,
    fallback: '60s',
    doc: 'How often a server makes runs of schedules ahead; schedules that have changed are looked at sooner.',
  },
  lateRunsMs: {
    environment: 'TUTTI_LATE_RUNS_INTERVAL',
    key: 'lateRunsInterval',
    parse: duration,
    fallback: '5s',
    doc: 'How often a server looks for late runs, pauses that ran out and schedules that have changed.',
  },
  statusMs: {
    environment: 'TUTTI_STATUS_INTERVAL',
    key: 'statusInterval',
    parse: duration,
    fallback: '15s',
    doc: 'How often a server looks which workers, pools, queues and deployments are served.',
  },
  cleanupMs: {
    environment: 'TUTTI_CLEANUP_INTERVAL',
    key: 'cleanupInterval',
    parse: duration,
    fallback: '20s',
    doc: 'How often a server ends what cancelled runs have left behind.',
  },
  leasesMs: {
    environment: 'TUTTI_LEASES_INTERVAL',
    key: 'leasesInterval',
    parse: duration,
    fallback: '15s',
    doc: 'How often a server takes back what lost holders held: runs, claims, slots.',
  },
  rollupsMs: {
    environment: 'TUTTI_ROLLUPS_INTERVAL',
    key: 'rollupsInterval',
    parse: duration,
    fallback: '1m',
    doc: 'How often a server counts the runs of the quarters of an hour that have passed, for quick counts and histories.',
  },
  retentionMs: {
    environment: 'TUTTI_RETENTION_INTERVAL',
    key: 'retentionInterval',
    parse: duration,
    fallback: '1h',
    doc: 'How often a server deletes what is past keeping.',
  },
  keepEventsDays: {
    environment: 'TUTTI_KEEP_EVENTS',
    key: 'keepEvents',
    parse: days,
    fallback: '7d',
    doc: 'How long events are kept.',
  },
  keepLogsDays: {
    environment: 'TUTTI_KEEP_LOGS',
    key: 'keepLogs',
    parse: days,
    fallback: '30d',
    doc: 'How long log lines are kept.',
  },
} as const satisfies Record<string, Setting<unknown>>

export type SettingName = keyof typeof schema

/** Any of them, for code that lists or sets one by its name. */
export const settings: Readonly<Record<SettingName, Setting<unknown>>> = schema

/** By its key or the name of its environment variable. */
export function findSetting(name: string): SettingName | undefined {
  const names = Object.keys(settings) as SettingName[] // the keys of `schema`
  return names.find((each) => settings[each].key === name || settings[each].environment === name)
}

function choice<const T extends string>(...choices: readonly T[]): Parse<T> {
  return (text) => {
    const value = choices.find((each) => each === text)
    return value === undefined ? { problem: `must be one of ${choices.join(', ')}` } : { value }
  }
}

/** Words between commas. */
function list(text: string): ReturnType<Parse<readonly string[]>> {
  const words = text.split(',').map((word) => word.trim())
  return { value: words.filter((word) => word !== '') }
}

/** Keys may have commas in them: then a JSON list tells them apart. */
function keyList(text: string): ReturnType<Parse<readonly string[]>> {
  if (!text.startsWith('[')) return list(text)
  try {
    const keys: unknown = JSON.parse(text)
    if (Array.isArray(keys) && keys.every((key): key is string => typeof key === 'string' && key !== '')) return { value: keys }
  } catch {
    // Told below.
  }
  return { problem: 'must be keys between commas, or a JSON list of texts' }
}

/** A program and its arguments; quotes keep spaces together, and nothing else has a meaning. */
function commandWords(text: string): ReturnType<Parse<readonly string[]>> {
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+|["']/g) ?? []
  if (words.some((word) => /^["']$/.test(word))) return { problem: 'has a quote that is not closed' }
  return { value: words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2')) }
}

function anyText(text: string): ReturnType<Parse<string>> {
  return { value: text }
}

/** Up to and including `/api`; nothing at all is allowed. */
function apiUrl(text: string): ReturnType<Parse<string>> {
  if (text === '') return { value: text }
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) return { problem: 'must be an address such as http://127.0.0.1:4200/api' }
  const url = text.replace(/\/+$/, '')
  // What people copy from a browser; nothing of ours answers there.
  return { value: new URL(url).pathname === '/' ? `${url}/api` : url }
}

function duration(text: string): ReturnType<Parse<number>> {
  try {
    const value = parseDuration(/^\d+$/.test(text) ? Number(text) : text, 'the setting')
    return value > 0 ? { value } : { problem: 'must be longer than nothing' }
  } catch {
    return { problem: 'must be milliseconds or a duration such as 15s or 2m' }
  }
}

function days(text: string): ReturnType<Parse<number>> {
  const read = duration(text)
  return 'problem' in read ? { problem: 'must be a duration such as 90d or 12h' } : { value: read.value / 86_400_000 }
}

function wholeNumber(min: number, max: number): Parse<number> {
  return (text) => {
    const value = Number(text)
    return Number.isInteger(value) && value >= min && value <= max ? { value } : { problem: `must be a whole number from ${min} to ${max}` }
  }
}

/** The path of a SQLite file is not yet placed in the home. */
function databaseUrl(text: string): ReturnType<Parse<DatabaseLocation>> {
  if (text === ':memory:') return { value: { type: 'sqlite', path: text } }
  if (/^postgres(ql)?:/i.test(text)) {
    const isAddress = /^[a-z]+:\/\/[^/]/i.test(text)
    return isAddress ? { value: { type: 'postgres', url: text } } : { problem: 'must be postgres://user:password@host:5432/database' }
  }
  const path = /^(?:file|sqlite):(?:\/\/)?(.+)$/.exec(text)?.[1]
  return path === undefined
    ? { problem: 'must be file:PATH, as in file:/data/tutti.db, or postgres://…' }
    : { value: { type: 'sqlite', path } }
}
