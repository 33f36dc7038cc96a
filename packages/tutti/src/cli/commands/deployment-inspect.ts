import { parseInstant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { collisionOf, deploymentArgument, deploymentJson, findDeployment, fullName, scheduleText } from '../deployments.ts'
import { ago } from '../moment.ts'
import { printFields, printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'

export const inspect = defineCommand({
  arguments: { deployment: deploymentArgument },
  options: { json: jsonOption },
  examples: [{ command: 'tutti deployment inspect etl/prod', doc: 'All about one deployment' }],
  run: (world, { arguments: { deployment: reference }, options }) =>
    withServer(world, async (client) => {
      const named = await findDeployment(client, reference)
      if (options.json) {
        printJson(world.output, deploymentJson(named))
        return 0
      }
      const { deployment } = named
      const now = world.clock.now()
      const when = (text: string | null): string => ago(parseInstant(text ?? '') ?? now, now)
      const { global_concurrency_limit: limit } = deployment
      printLine(world.output, fullName(named))
      printFields(world.output, [
        ['id', deployment.id],
        ['description', deployment.description ?? undefined],
        ['version', deployment.version ?? undefined],
        ['status', deployment.paused ? 'paused' : deployment.status === 'READY' ? 'ready' : 'not ready: nobody asks for its runs'],
        ['asked for', deployment.last_polled === null ? 'never' : when(deployment.last_polled)],
        ['pool', deployment.work_pool_name === null ? undefined : `${deployment.work_pool_name}, queue ${deployment.work_queue_name}`],
        ['entrypoint', deployment.entrypoint ?? undefined],
        ['path', deployment.path ?? undefined],
        ['pulled by', stepsText(deployment.pull_steps)],
        ['parameters', jsonText(deployment.parameters)],
        ['job variables', jsonText(deployment.job_variables)],
        ['tags', deployment.tags.length === 0 ? undefined : deployment.tags.join(', ')],
        ['at once', limit === null ? undefined : `${limit.active_slots} of ${limit.limit}, then ${collisionOf(deployment)}`],
        ['schedules', deployment.schedules.map((each) => `${each.slug ?? ''} ${scheduleText(each)}`.trim()).join('\n') || undefined],
        ['made', when(deployment.created)],
        ['changed', when(deployment.updated)],
      ])
      return 0
    }),
})

function jsonText(value: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(value).length === 0 ? undefined : JSON.stringify(value)
}

function stepsText(steps: unknown): string | undefined {
  return Array.isArray(steps) && steps.length > 0 ? steps.map((step) => JSON.stringify(step)).join('\n') : undefined
}
