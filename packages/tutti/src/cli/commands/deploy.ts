import { TuttiError } from '../../core/errors.ts'
import { suggestion } from '../../core/suggestion.ts'
import type { DeploymentDefinition } from '../../core/deployment-definition.ts'
import { gitInfo } from '../../system/git.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { planSummary, printPlan } from '../deploy-text.ts'
import { didYouMean } from '../parse.ts'
import { paint, printJson, printLine } from '../print.ts'
import { packProject } from '../project-archive.ts'
import { loadProject } from '../project-file.ts'
import type { Project } from '../project-file.ts'
import { deploymentBody, withServer } from '../server.ts'
import { UsageError } from '../usage-error.ts'
import type { World } from '../world.ts'

export const deploy = defineCommand({
  about:
    'Reads the deployments of tutti.config.ts, shows what will change on the server, and changes it after a yes.\n' +
    'What is as it should be is not touched. Each deploy that changes something makes a version: see `tutti deployment versions`.',
  arguments: { names: { doc: 'only these deployments: flow/deployment, or the name of the deployment', many: true, optional: true } },
  options: {
    plan: { doc: 'Only show what would change' },
    prune: { doc: 'Remove deployments of this project that are not in its tutti.config.ts any more' },
    yes: { short: 'y', doc: 'Do not ask' },
    config: { short: 'c', value: 'FILE', doc: 'The configuration, instead of the tutti.config.ts here or above' },
    json: jsonOption,
  },
  examples: [
    { command: 'tutti deploy --plan', doc: 'What would change' },
    { command: 'tutti deploy --yes', doc: 'In a script or in CI' },
    { command: 'tutti deploy etl/prod', doc: 'One deployment of several' },
  ],
  run: async (world, { arguments: { names }, options }) => {
    if (options.prune && names.length > 0)
      throw new UsageError('--prune looks at the whole configuration, so it cannot be given with names', 'Leave out one of the two.')
    const project = await loadProject(world, options.config)
    const chosen = names.length === 0 ? project.deployments : names.map((name) => findWanted(project, name))
    const archive = await packProject(project, chosen)
    const wanted = archive.deployments
    const isWhole = names.length === 0
    return withServer(world, async (client) => {
      const body = {
        deployments: wanted.map(deploymentBody),
        project: project.name,
        origin: await originOf(project),
      }
      const plan = await client.deployments.plan({ body: { ...body, prune: isWhole } })
      const left = options.prune ? [] : plan.filter(({ change }) => change === 'removed')
      const shown = plan.filter((each) => !left.includes(each))
      const isRefused = shown.some(({ misfits }) => misfits.length > 0)
      const isDone = shown.every(({ change }) => change === 'unchanged')
      if (!options.json) {
        printPlan(world.output, shown)
        printLine(world.output, `Plan of ${project.name}: ${planSummary(shown)}.`)
        tellLeft(world, left)
      }
      if (options.plan || isRefused || isDone) {
        if (options.json) printJson(world.output, { project: project.name, applied: false, deployments: shown })
        else if (isRefused) printLine(world.errors, paint(world.errors, 'red', 'Nothing can be deployed until the parameters fit.'))
        return isRefused ? 1 : 0
      }
      if (!options.yes && !(await isAgreed(world))) {
        printLine(world.errors, 'Nothing was deployed.')
        return 1
      }
      // What a worker may be told to fetch is there before.
      for (const line of await archive.store(world.environment)) printLine(options.json ? world.errors : world.output, line)
      const deployed = await client.deployments.deploy({ body: { ...body, prune: options.prune } })
      if (options.json) printJson(world.output, { project: project.name, applied: true, deployments: deployed })
      else printLine(world.output, `Deployed: ${planSummary(deployed)}.`)
      return 0
    })
  },
})

async function originOf({ folder }: Project) {
  const origin = await gitInfo(folder)
  if (origin === null) return null
  const { commit, branch, author, dirty, repositoryUrl } = origin
  return { commit, branch, author, dirty, repository_url: repositoryUrl }
}

async function isAgreed(world: World): Promise<boolean> {
  if (!world.interactive)
    throw new UsageError('tutti deploy asks before it changes anything, and there is nobody to ask', 'Say so with --yes.')
  return (await world.ask('Deploy this? [y/N] ')).trim().toLowerCase().startsWith('y')
}

function tellLeft({ errors }: World, left: readonly { readonly flow_name: string; readonly name: string }[]): void {
  if (left.length === 0) return
  const names = left.map(({ flow_name: flow, name }) => `${flow}/${name}`).join(', ')
  printLine(errors, paint(errors, 'dim', `Not in the configuration any more, and left alone: ${names}. --prune removes them.`))
}

function findWanted({ file, deployments }: Project, wanted: string): DeploymentDefinition {
  const found = deployments.filter(({ flowName, name }) => name === wanted || `${flowName}/${name}` === wanted)
  const [only, other] = found
  const all = deployments.map(({ flowName, name }) => `${flowName}/${name}`)
  if (only === undefined) {
    const near = suggestion(wanted, [...all, ...deployments.map(({ name }) => name)])
    throw new TuttiError('NOT_FOUND', `${file} has no deployment ${wanted}${didYouMean(near)} (it has ${all.join(', ') || 'none'})`)
  }
  if (other === undefined) return only
  const names = found.map(({ flowName, name }) => `${flowName}/${name}`)
  throw new TuttiError('CONFLICT', `${file} has ${found.length} deployments named ${wanted}: ${names.join(', ')}; name one of them`)
}
