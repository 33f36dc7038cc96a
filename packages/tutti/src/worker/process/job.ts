import path from 'node:path'
import { TuttiError } from '../../core/errors.ts'
import type { RunJob } from '../../core/run-job.ts'
import type { PreparedCode } from '../code/index.ts'
import type { CodePlace } from './messages.ts'

/** What a run asks of its process: what is left of the job once the pool's template is filled in. */
export interface ProcessJob {
  readonly environment: Readonly<Record<string, string>>
  /** `null`: the folder of the code. */
  readonly workingFolder: string | null
  /** Options of Node for this run's process; `null`: those of every process. */
  readonly nodeOptions: readonly string[] | null
  /** `run`: the process is used for no other run. */
  readonly isolation: 'version' | 'run'
  readonly streamOutput: boolean
}

/** @throws `JOB_UNUSABLE` naming the value that cannot be used. */
export function processJob({ configuration, deployment }: RunJob): ProcessJob {
  const job = configuration.plain() as Readonly<Record<string, unknown>> // an object, as `fillTemplate` makes it
  const wrong = (name: string, value: unknown, wanted: string): TuttiError =>
    new TuttiError('JOB_UNUSABLE', `the job variable ${name} of ${deployment ?? 'the run'} is ${JSON.stringify(value)}, not ${wanted}`)
  const environment: Record<string, string> = {}
  const env = job['env'] ?? {}
  if (typeof env !== 'object' || Array.isArray(env)) throw wrong('env', env, 'an object of texts')
  for (const [name, value] of Object.entries(env as Record<string, unknown>)) if (value !== null) environment[name] = String(value) // an object
  const folder = job['working_dir'] ?? null
  if (folder !== null && typeof folder !== 'string') throw wrong('working_dir', folder, 'a folder')
  const memoryMb = job['memory_mb'] ?? null
  if (memoryMb !== null && (typeof memoryMb !== 'number' || !Number.isInteger(memoryMb) || memoryMb < 32))
    throw wrong('memory_mb', memoryMb, 'a whole number of megabytes from 32 on')
  const isolation = job['isolation'] ?? 'version'
  if (isolation !== 'version' && isolation !== 'run') throw wrong('isolation', isolation, "'version' or 'run'")
  return {
    environment,
    workingFolder: folder,
    nodeOptions: memoryMb === null ? null : [`--max-old-space-size=${memoryMb}`],
    isolation,
    streamOutput: job['stream_output'] !== false,
  }
}

/** Where a run's code is and where it works, once its code is in a folder. */
export function codePlace(job: RunJob, { environment, workingFolder }: ProcessJob, code: PreparedCode): CodePlace {
  if (job.entrypoint === null)
    throw new TuttiError(
      'JOB_UNUSABLE',
      `${job.deployment ?? 'the run'} has no entrypoint, so nobody knows which flow of which file is to run`,
    )
  if (/\.py(:|$)/.test(job.entrypoint))
    throw new TuttiError('JOB_UNUSABLE', `${job.entrypoint} of ${job.deployment ?? 'the run'} is Python, which a worker of Prefect runs`)
  const { folder, commit, place } = code
  return {
    folder,
    entrypoint: job.entrypoint,
    source: place,
    commit,
    workingFolder: workingFolder === null ? folder : path.resolve(folder, workingFolder),
    environment,
  }
}
