// `npm run conformance:prefect`: lets the unmodified Prefect client for Python run against our server. Every script of
// packages/tutti/test/prefect/ is a set of checks that asserts, through that client, what its user would see.
//
// Ends with 0 when all passed, 1 when one failed, 2 for wrong options, 3 without Python, 4 when Prefect cannot be installed, 5 when
// the server does not come up: whatever the reason, nothing run is never a success.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { runBounded } from './bounded.ts'
import { findPython, prepareVenv, PREFECT_PINNED, Unavailable } from './prefect-venv.ts'
import { root } from './processes.ts'
import { startServer, type Served } from './tutti-server.ts'

const SCRIPTS = path.join(root, 'packages', 'tutti', 'test', 'prefect')
/** On a quiet machine no script needs a third of it; one that hangs must not hold up the others for long. */
const SCRIPT_SECONDS_MAX = 300

const values = options()

process.exitCode = values === undefined ? 2 : await main(values)

type Options = NonNullable<ReturnType<typeof options>>

function options() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        check: { type: 'string' },
        prefect: { type: 'string', default: PREFECT_PINNED },
        store: { type: 'string', default: 'sqlite' },
        'api-url': { type: 'string' },
        keep: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return undefined
  }
}

async function main(values: Options): Promise<number> {
  const scripts = choose(values)
  if (typeof scripts === 'string') return tell(scripts, 2)
  const databaseUrl = values.store === 'postgres' ? process.env['TUTTI_DATABASE_URL'] : undefined
  if (values.store !== 'sqlite' && values.store !== 'postgres') return tell(`--store is sqlite or postgres, not ${values.store}.`, 2)
  if (values.store === 'postgres' && databaseUrl === undefined) return tell('--store postgres needs TUTTI_DATABASE_URL.', 2)

  const home = mkdtempSync(path.join(os.tmpdir(), 'tutti-conformance-'))
  let server: Served | undefined
  try {
    const python = await prepareVenv(await findPython(), values.prefect)
    server = values['api-url'] === undefined ? await startServer({ home, databaseUrl }) : undefined
    const apiUrl = values['api-url'] ?? `${server?.url}/api`
    console.log(`prefect ${python.prefect} on Python ${python.version} against ${apiUrl}`)
    return await runAll(scripts, { python: python.file, apiUrl, home, values })
  } catch (error) {
    if (error instanceof Unavailable) return tell(error.message, error.status)
    throw error
  } finally {
    await server?.stop()
    if (values.keep) console.log(`Kept ${home}`)
    else rmSync(home, { recursive: true, force: true })
  }
}

/** The scripts to run, or what is wrong with the choice. */
function choose({ only, check }: Options): readonly string[] | string {
  const all = readdirSync(SCRIPTS)
    .filter((file) => file.endsWith('.py') && !file.startsWith('_'))
    .map((file) => path.basename(file, '.py'))
    .toSorted()
  if (check !== undefined) {
    const which = all.filter((script) => readFileSync(path.join(SCRIPTS, `${script}.py`), 'utf8').includes(`def ${check}(`))
    return which.length > 0 ? which : `There is no check ${check}.`
  }
  if (only === undefined) return all
  const names = only.split(',')
  const unknown = names.filter((name) => !all.includes(name))
  return unknown.length === 0 ? names : `There is no script ${unknown.join(', ')}; there are: ${all.join(', ')}.`
}

interface Setting {
  readonly python: string
  readonly apiUrl: string
  readonly home: string
  readonly values: Options
}

async function runAll(scripts: readonly string[], setting: Setting): Promise<number> {
  let failed = 0
  let checks = 0
  let later = 0
  for (const script of scripts) {
    const startedAt = performance.now()
    const { code, output } = await runBounded(setting.python, [path.join(SCRIPTS, `${script}.py`)], {
      secondsMax: SCRIPT_SECONDS_MAX,
      environment: environment(script, setting),
    })
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const count = /^checks: (\d+) passed, (\d+) failed, (\d+) later$/m.exec(output)
    checks += Number(count?.[1] ?? 0)
    later += Number(count?.[3] ?? 0)
    // A script that ended without its count did not get to its end, whatever its exit status says.
    const isPassed = code === 0 && count !== null
    if (!isPassed) failed += 1
    if (setting.values.verbose) console.log(output)
    console.log(isPassed ? `ok ${script} ${seconds}s (${count[1]} checks)` : `not ok ${script} ${seconds}s\n${excerpt(output, code)}`)
  }
  if (later > 0) console.log(`${later} checks are to pass later: see packages/tutti/test/prefect/later.txt`)
  console.log(`${scripts.length} scripts ran, with ${checks} checks that passed`)
  console.log(`${scripts.length - failed} passed, ${failed} failed`)
  return failed > 0 || scripts.length === 0 ? 1 : 0
}

/** What the checks that failed said of themselves; else whatever the script printed last. */
function excerpt(output: string, code: number | null): string {
  const lines = output.split('\n')
  const failures = lines.filter((line) => /^ {2}not ok |^ {4}\| /.test(line))
  const end = code === null ? 'it took too long' : `exit status ${code}`
  const isWhole = failures.length > 0 && code === 1
  return [...failures, ...(isWhole ? [] : ['  …', ...lines.slice(-30), `  … ${end}`])].join('\n')
}

/** Nothing of the user's own Prefect gets in, nothing of this one gets out. Short intervals, so that no check waits for a poll. */
function environment(script: string, { apiUrl, home, values }: Setting): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('PREFECT_') && !name.startsWith('PYTHON'))
  const userHome = path.join(home, script)
  mkdirSync(userHome, { recursive: true })
  return {
    ...Object.fromEntries(inherited),
    PREFECT_API_URL: apiUrl,
    // Some of Prefect's folders derive from the home folder whatever PREFECT_HOME says.
    HOME: userHome,
    PREFECT_HOME: path.join(userHome, '.prefect'),
    PREFECT_SERVER_ANALYTICS_ENABLED: 'false',
    DO_NOT_TRACK: '1',
    PREFECT_CLI_PROMPT: 'false',
    PREFECT_CLI_COLORS: 'false',
    PREFECT_LOGGING_COLORS: 'false',
    PREFECT_LOGGING_TO_API_BATCH_INTERVAL: '0.3',
    PREFECT_RUNNER_POLL_FREQUENCY: '1',
    PREFECT_WORKER_QUERY_SECONDS: '1',
    PREFECT_WORKER_HEARTBEAT_SECONDS: '3',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
    // Against another server every check has to pass: the list says what ours does not do yet.
    TUTTI_CONFORMANCE_LATER: values['api-url'] === undefined ? '1' : '0',
    TUTTI_CONFORMANCE_CHECKS: values.check ?? '',
    // For checks that let Tutti's own SDK take part.
    TUTTI_NODE: process.execPath,
  }
}

function tell(sentence: string, status: number): number {
  console.error(sentence)
  return status
}
