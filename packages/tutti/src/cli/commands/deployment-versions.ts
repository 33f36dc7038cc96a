import { TuttiError } from '../../core/errors.ts'
import { parseInstant } from '../../core/time.ts'
import type { Instant } from '../../core/time.ts'
import { defineCommand, jsonOption } from '../command.ts'
import { deploymentArgument, findDeployment, fullName } from '../deployments.ts'
import { ago } from '../moment.ts'
import { LIMIT_DEFAULT, limitOption } from '../options.ts'
import { paint, printJson, printLine } from '../print.ts'
import { withServer } from '../server.ts'
import type { Answer } from '../server.ts'
import { printPage } from '../table.ts'
import type { Column } from '../table.ts'
import { UsageError } from '../usage-error.ts'

type Version = Answer<'deployments', 'version'>

export const versions = defineCommand({
  about: 'Each deploy that changed something made a version. Runs start with the version they were made from.',
  arguments: { deployment: deploymentArgument },
  options: { limit: limitOption, json: jsonOption },
  examples: [{ command: 'tutti deployment versions etl/prod', doc: 'What was deployed when, and from which commit' }],
  run: (world, { arguments: { deployment: reference }, options }) =>
    withServer(world, async (client) => {
      const named = await findDeployment(client, reference)
      const found = await client.deployments.versions({ id: named.deployment.id, limit: options.limit ?? LIMIT_DEFAULT })
      if (options.json) printJson(world.output, { items: found.map(versionJson) })
      else printPage(world, { items: found, cursor: null }, columns(world.clock.now()), `${fullName(named)} has no versions.`)
      return 0
    }),
})

export const rollback = defineCommand({
  about: 'The deployment is again what it was in that version: code, parameters, schedules and all. Runs that were made stay with theirs.',
  arguments: { deployment: deploymentArgument },
  options: {
    to: { value: 'NUMBER', parse: versionNumber, doc: 'The version; default: the one before the current one' },
    json: jsonOption,
  },
  examples: [
    { command: 'tutti deployment rollback etl/prod', doc: 'Back to the version before' },
    { command: 'tutti deployment rollback etl/prod --to 3', doc: 'To a version, older or newer' },
  ],
  run: (world, { arguments: { deployment: reference }, options }) =>
    withServer(world, async (client) => {
      const named = await findDeployment(client, reference)
      const { id } = named.deployment
      const known = await client.deployments.versions({ id, limit: VERSIONS_MAX })
      const current = known.find(({ is_current: is }) => is)?.number ?? 0
      const to = options.to ?? known.find(({ number }) => number < current)?.number
      if (to === undefined) throw new TuttiError('NOT_FOUND', `${fullName(named)} has no version before version ${current}`)
      await client.deployments.promote({ id, number: String(to) })
      if (options.json) printJson(world.output, { id, name: fullName(named), from: current, to })
      else printLine(world.output, `${fullName(named)} is at version ${to} again (it was at ${current})`)
      return 0
    }),
})

const VERSIONS_MAX = 200

function columns(now: Instant): readonly Column<Version>[] {
  return [
    { title: '', cell: ({ is_current: is }, to) => (is ? paint(to, 'green', '→') : '') },
    { title: 'NUMBER', cell: ({ number }) => String(number), align: 'right' },
    { title: 'VERSION', cell: ({ version }) => version ?? '' },
    { title: 'MADE', cell: ({ created }) => ago(parseInstant(created) ?? now, now) },
    { title: 'COMMIT', cell: ({ origin }) => (origin?.commit?.slice(0, 10) ?? '') + (origin?.dirty === true ? ' +changes' : '') },
    { title: 'BRANCH', cell: ({ origin }) => origin?.branch ?? '' },
    { title: 'AUTHOR', cell: ({ origin }) => origin?.author ?? '' },
    { title: 'CHANGED', cell: ({ changes }) => changes.map(({ field }) => field).join(', ') },
  ]
}

function versionJson({ number, version, is_current: isCurrent, created, origin, changes }: Version): object {
  return {
    number,
    version,
    isCurrent,
    createdAt: created,
    origin:
      origin === null
        ? null
        : {
            commit: origin.commit,
            branch: origin.branch,
            author: origin.author,
            dirty: origin.dirty,
            repositoryUrl: origin.repository_url,
          },
    changes,
  }
}

function versionNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`'${text}' is not the number of a version`)
  return number
}
