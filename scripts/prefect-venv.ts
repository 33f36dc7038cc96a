// A Python with the Prefect client, kept between runs under node_modules/.cache.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { runBounded } from './bounded.ts'
import { root } from './processes.ts'

export const PREFECT_PINNED = '3.8.3'

const INDEX = process.env['PIP_INDEX_URL'] ?? 'https://pypi.org/simple'
const COMMANDS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python']
const MINOR_MIN = 10
const INSTALL_SECONDS_MAX = 600

/** Why there is nothing to run the scripts with, and the exit status that says so. */
export class Unavailable extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

export interface Python {
  readonly file: string
  readonly version: string
}

export interface PythonWithPrefect extends Python {
  readonly prefect: string
}

/** The first Python on the path that is recent enough and can make virtual environments. */
export async function findPython(): Promise<Python> {
  const program = 'import ensurepip, platform, sys, venv; print(sys.version_info[0], sys.version_info[1], platform.python_version())'
  for (const command of COMMANDS) {
    const { code, output } = await runBounded(command, ['-c', program], { secondsMax: 20 })
    const [, major, minor, version] = /^(\d+) (\d+) (\S+)$/m.exec(output) ?? []
    if (code === 0 && version !== undefined && Number(major) === 3 && Number(minor) >= MINOR_MIN) return { file: command, version }
  }
  throw new Unavailable(`There is no Python >= 3.${MINOR_MIN} with venv on the path, so no script ran.`, 3)
}

/** A virtual environment with that version of Prefect (`latest` asks the index), made once. */
export async function prepareVenv(python: Python, version: string): Promise<PythonWithPrefect> {
  const wanted = version === 'latest' ? await newest(python) : version
  const folder = path.join(root, 'node_modules', '.cache', 'tutti', `prefect-${wanted}-python-${python.version}`)
  const file = path.join(folder, 'bin', 'python')
  if (!existsSync(file)) await install(python, wanted, folder)
  return { file, version: python.version, prefect: wanted }
}

async function install(python: Python, version: string, folder: string): Promise<void> {
  console.error(`Installing prefect ${version} from PyPI (once, one or two minutes) …`)
  if (!(await isReachable()))
    throw new Unavailable(`PyPI (${INDEX}) is not reachable, so Prefect could not be installed and no script ran.`, 4)

  mkdirSync(path.dirname(folder), { recursive: true })
  // The programs of a virtual environment name its folder, but none is started here but its Python: it may be renamed when it is whole.
  const draft = `${folder}.${process.pid}.draft`
  try {
    await must(python.file, ['-m', 'venv', draft], 'make a virtual environment')
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--timeout', '20', '--retries', '2']
    await must(path.join(draft, 'bin', 'python'), [...pip, `prefect==${version}`], `install prefect ${version}`)
    try {
      renameSync(draft, folder)
    } catch (error) {
      // Another run was faster; its environment is as good.
      if (!existsSync(folder)) throw error
    }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

async function must(command: string, args: readonly string[], what: string): Promise<void> {
  const { code, output } = await runBounded(command, args, { secondsMax: INSTALL_SECONDS_MAX })
  if (code === 0) return
  const why = code === null ? `it took longer than ${INSTALL_SECONDS_MAX} seconds` : (output.trim().split('\n').at(-1) ?? '').slice(0, 500)
  throw new Unavailable(`Could not ${what}, so no script ran: ${why}`, 4)
}

async function newest(python: Python): Promise<string> {
  if (!(await isReachable())) throw new Unavailable(`PyPI (${INDEX}) is not reachable to ask for the newest Prefect, so no script ran.`, 4)
  const { output } = await runBounded(python.file, ['-m', 'pip', 'index', 'versions', 'prefect', '--disable-pip-version-check'], {
    secondsMax: 60,
  })
  const version = newestOfThree(output)
  if (version === undefined) throw new Unavailable(`PyPI did not tell the newest Prefect 3, so no script ran: ${output.trim()}`, 4)
  return version
}

/** The newest 3.x of what `pip index versions` prints, newest first. */
export function newestOfThree(output: string): string | undefined {
  const [, list] = /^Available versions: (.+)$/m.exec(output) ?? []
  return list?.split(', ').find((version) => /^3\.\d+\.\d+(?:\.post\d+)?$/.test(version))
}

async function isReachable(): Promise<boolean> {
  try {
    const response = await fetch(`${INDEX}/prefect/`, { method: 'HEAD', signal: AbortSignal.timeout(15_000) })
    return response.ok
  } catch {
    return false
  }
}
