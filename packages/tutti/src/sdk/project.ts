import { TuttiError } from '../core/errors.ts'
import { FlowDeployment } from './deployment.ts'

export interface ProjectOptions {
  /** Whose deployments these are: `tutti deploy --prune` removes those of the same name that are not in the list. Default: the name in `package.json`, else the folder's. */
  readonly name?: string
  /** What `flow.deployment({...})` gives. */
  readonly deployments: readonly FlowDeployment[]
}

/** What `defineConfig()` gives: the default export of `tutti.config.ts`. */
export interface ProjectConfig {
  readonly name: string | null
  readonly deployments: readonly FlowDeployment[]
}

const CONFIG = Symbol.for('tutti.config')

/**
 * The deployments of a project, for `tutti deploy`.
 *
 * @example
 * export default defineConfig({ deployments: [etl.deployment({ name: 'prod', pool: 'local', schedules: daily })] })
 */
export function defineConfig({ name, deployments }: ProjectOptions): ProjectConfig {
  if (!Array.isArray(deployments) || deployments.some((each) => !isDeployment(each)))
    throw new TuttiError('INVALID_OPTION', 'defineConfig() needs a list of deployments: { deployments: [etl.deployment({ name, pool })] }')
  if (name !== undefined && (typeof name !== 'string' || name === ''))
    throw new TuttiError('INVALID_OPTION', 'the name given to defineConfig() is to be some text')
  return Object.defineProperty({ name: name ?? null, deployments: [...deployments] }, CONFIG, { value: true })
}

/** True for what `defineConfig()` of any copy of this package gave. */
export function isProjectConfig(value: unknown): value is ProjectConfig {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, CONFIG)
}

function isDeployment(value: unknown): value is FlowDeployment {
  return value instanceof FlowDeployment || (typeof value === 'object' && value !== null && 'flow' in value && 'options' in value)
}
