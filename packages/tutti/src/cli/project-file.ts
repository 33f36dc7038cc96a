import { existsSync } from 'node:fs'
import path from 'node:path'
import { TuttiError } from '../core/errors.ts'
import type { DeploymentDefinition } from '../core/deployment-definition.ts'
import { importModule, prepareModule } from '../engine/entrypoint.ts'
import { homeOf } from '../settings/load.ts'
import type { World } from './world.ts'

const CONFIG_NAMES = ['tutti.config.ts', 'tutti.config.mts', 'tutti.config.js', 'tutti.config.mjs'] as const

/** A project as its `tutti.config.ts` has it. */
export interface Project {
  readonly file: string
  readonly folder: string
  readonly name: string
  readonly deployments: readonly DeploymentDefinition[]
}

/**
 * Loads the configuration of the project that the command is called in, or the file that is given.
 *
 * @throws `CONFIG_NOT_FOUND`, `ENTRYPOINT_FAILED`
 */
export async function loadProject(world: World, given: string | undefined): Promise<Project> {
  const file = given === undefined ? findConfig(process.cwd()) : path.resolve(given)
  if (file === undefined) throw new TuttiError('CONFIG_NOT_FOUND', `there is no tutti.config.ts in ${process.cwd()} or a folder above it`)
  if (!existsSync(file)) throw new TuttiError('CONFIG_NOT_FOUND', `there is no file ${file}`)
  const prepared = await prepareModule(file, { cacheFolder: path.join(homeOf(world.environment), 'bundles') })
  const { default: config } = await importModule(prepared)
  const { isProjectConfig } = await import('../index.ts')
  if (!isProjectConfig(config)) throw new TuttiError('CONFIG_NOT_FOUND', `the default export of ${file} does not come from defineConfig()`)
  const folder = path.dirname(prepared.file)
  const deployments = await Promise.all(config.deployments.map(async (each) => located(await each.definition(), folder)))
  refuseTwins(file, deployments)
  return { file, folder, name: config.name ?? packageName(world, folder) ?? path.basename(folder), deployments }
}

function findConfig(from: string): string | undefined {
  const found = CONFIG_NAMES.map((name) => path.join(from, name)).find((file) => existsSync(file))
  const above = path.dirname(from)
  return found ?? (above === from ? undefined : findConfig(above))
}

/** Code that is not pulled lies in the folder of the project; its entrypoint is told from there. */
function located(definition: DeploymentDefinition, folder: string): DeploymentDefinition {
  const { flowName, name, entrypoint, pullSteps } = definition
  if (entrypoint === null)
    throw new TuttiError('INVALID_OPTION', `nobody knows which file flow ${flowName} of deployment ${flowName}/${name} is in`)
  const colon = entrypoint.lastIndexOf(':')
  const file = path.relative(folder, entrypoint.slice(0, colon))
  const isOutside = file.startsWith('..') || path.isAbsolute(file)
  if (isOutside && pullSteps.length > 0)
    throw new TuttiError(
      'INVALID_OPTION',
      `flow ${flowName} of deployment ${flowName}/${name} is in ${entrypoint.slice(0, colon)}, outside of ${folder}, which is what workers pull`,
    )
  const from = file.split(path.sep).join('/')
  return { ...definition, entrypoint: `${from}${entrypoint.slice(colon)}`, path: pullSteps.length > 0 ? null : folder }
}

function refuseTwins(file: string, deployments: readonly DeploymentDefinition[]): void {
  const seen = new Set<string>()
  for (const { flowName, name } of deployments) {
    const full = `${flowName}/${name}`
    if (seen.has(full)) throw new TuttiError('INVALID_OPTION', `${file} has two deployments ${full}; give one of them another name`)
    seen.add(full)
  }
}

function packageName(world: World, folder: string): string | undefined {
  const text = world.readFile(path.join(folder, 'package.json'))
  if (text === undefined) return undefined
  try {
    const { name } = JSON.parse(text) as { readonly name?: unknown } // an object, or the member is not there
    return typeof name === 'string' && name !== '' ? name : undefined
  } catch {
    // Whoever broke it hears of it elsewhere; the folder has a name too.
    return undefined
  }
}
