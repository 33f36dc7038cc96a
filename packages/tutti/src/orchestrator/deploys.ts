import type { DeployedDeployment, DeployOperations, DeployRequest, WantedDeployment } from '../core/deploy.ts'
import { PUT_ASIDE_DAYS } from '../core/deploy.ts'
import type { Deployment, DeploymentChanges } from '../core/deployment.ts'
import { describeChanges, descriptionOf, planned, PROJECT_LABEL } from '../core/deployment-plan.ts'
import type { Description, Misfit, PlannedDeployment } from '../core/deployment-plan.ts'
import { changesOfSnapshot } from '../core/deployment-version.ts'
import { TuttiError } from '../core/errors.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Script } from '../store/port.ts'
import { tell, tellUpdated } from './deployment-events.ts'
import { scheduleOperations } from './deployment-schedules.ts'
import { jobOf, keepVersion, nextNumber, versionNumbered } from './deployment-versions.ts'
import { blank, changed, existing, hydrated, removeOwnLimit, view } from './deployments.ts'
import type { ToldDeps } from './flow-run-changes.ts'
import { merged } from './flow-run-changes.ts'
import { existing as existingRun } from './flow-runs.ts'
import { writeAndTell } from './telling.ts'
import { ensureFlow } from './told-flows.ts'

const DAY_US = 86_400_000_000

/** What code says of deployments: plans, deploys, versions, and what is put aside for a while. */
export function deployOperations(deps: ToldDeps): DeployOperations {
  const { store, clock } = deps
  const { deployments, flows, flowRuns, deploymentVersions } = store.tables

  return {
    plan: (request) =>
      store.read(function* () {
        const plan: PlannedDeployment[] = []
        for (const each of request.deployments) plan.push((yield* look(deps, each, request)).plan)
        for (const { deployment, flowName } of yield* superfluous(deps, request)) plan.push(removal(deployment, flowName))
        return plan
      }),

    deploy: (request) =>
      writeAndTell(deps, function* (told) {
        const done: DeployedDeployment[] = []
        for (const each of request.deployments) done.push(yield* deployOne(deps, told, each, request))
        for (const { deployment, flowName } of request.prune ? yield* superfluous(deps, request) : []) {
          yield* putAside(deps, told, deployment)
          done.push({ ...removal(deployment, flowName), id: deployment.id, versionNumber: yield* numberOf(deps, deployment) })
        }
        return done
      }),

    putAside: (id) =>
      writeAndTell(deps, function* (told) {
        yield* putAside(deps, told, yield* existing(deps, id))
      }),

    listPutAside: (limit) =>
      store.read(function* () {
        const views = []
        for (const each of yield* deployments.putAside(limit)) views.push(yield* view(deps, each))
        return views
      }),

    restore: (id) =>
      writeAndTell(deps, function* (told) {
        const found = yield* deployments.getEver(id)
        if (found === undefined) throw new TuttiError('NOT_FOUND', `there is no deployment ${id}`)
        if (found.deletedAt === null) throw new TuttiError('CONFLICT', `deployment ${found.name} was not deleted`)
        const restored = { ...found, deletedAt: null, updatedAt: clock.now() }
        yield* deployments.save(restored)
        yield* tell(deps, told, 'created', restored)
        return yield* view(deps, restored)
      }),

    async deletePutAside(limit) {
      const before = clock.now() - PUT_ASIDE_DAYS * DAY_US
      const due = await store.read(() => deployments.deletedBefore(before, limit))
      if (due.length === 0) return 0
      return writeAndTell(deps, function* (told) {
        // It may have been restored since it was found.
        const still = yield* deployments.deletedBefore(before, limit)
        for (const each of still) {
          yield* removeOwnLimit(deps, told, each)
          yield* deployments.delete(each.id)
        }
        return still.length
      })
    },

    versions: (id, page) =>
      store.read(function* () {
        yield* existing(deps, id)
        return yield* deploymentVersions.list(id, page)
      }),
    version: (id, number) =>
      store.read(function* () {
        return yield* versionNumbered(deps, yield* existing(deps, id), number)
      }),

    promote: (id, number) =>
      writeAndTell(deps, function* (told) {
        const before = yield* existing(deps, id)
        const { id: versionId, snapshot } = yield* versionNumbered(deps, before, number)
        const changes = changesOfSnapshot(snapshot)
        const after = { ...(yield* changed(deps, told, before, changes, 'CONFLICT')), versionId }
        yield* deployments.save(after)
        yield* scheduleOperations.match(deps, after, changes.schedules ?? [])
        yield* flowRuns.delete(yield* deployments.unbegunRuns(id, clock.now()), clock.now())
        yield* tellUpdated(deps, told, before, after)
        return yield* view(deps, after)
      }),

    jobOf: (flowRunId) =>
      store.read(function* () {
        return yield* jobOf(deps, yield* existingRun(deps, flowRunId))
      }),
  }

  /** Of the project, and not in its code any more. */
  function* superfluous(given: ToldDeps, { project, prune, deployments: wanted }: DeployRequest): Script<readonly Found[]> {
    if (project === null || !prune) return []
    const names = new Set(wanted.map(({ flowName, name }) => `${flowName}/${name}`))
    const found: Found[] = []
    for (const deployment of yield* given.store.tables.deployments.ofProject(project)) {
      const flowName = (yield* flows.get(deployment.flowId))?.name ?? ''
      if (!names.has(`${flowName}/${deployment.name}`)) found.push({ deployment, flowName })
    }
    return found
  }
}

interface Found {
  readonly deployment: Deployment
  readonly flowName: string
}

function removal({ name }: Deployment, flowName: string): PlannedDeployment {
  return { flowName, name, change: 'removed', fields: [], misfits: [] }
}

interface Looked {
  readonly known: Deployment | undefined
  readonly there: Description | undefined
  readonly changes: DeploymentChanges
  readonly plan: PlannedDeployment
}

/** What is there, and what the request makes of it. */
function* look(deps: ToldDeps, { flowName, name, changes: asked }: WantedDeployment, { project }: DeployRequest): Script<Looked> {
  const { flows, deployments } = deps.store.tables
  const flow = yield* flows.byName(flowName)
  const known = flow === undefined ? undefined : yield* deployments.byName(flow.id, name)
  const there = known === undefined ? undefined : descriptionOf(yield* view(deps, known))
  const changes: DeploymentChanges = {
    ...asked,
    ...(asked.parameters === undefined ? undefined : { parameters: yield* hydrated(deps, asked.parameters) }),
    ...(project === null ? undefined : { labels: merged(known?.labels ?? NOTHING, JsonText.of({ [PROJECT_LABEL]: project })) }),
  }
  return { known, there, changes, plan: planned({ flowName, name }, there, describeChanges(changes, there)) }
}

const NOTHING = new JsonText('{}')

function* deployOne(deps: ToldDeps, told: Told[], wanted: WantedDeployment, request: DeployRequest): Script<DeployedDeployment> {
  const { flowName, name } = wanted
  try {
    const looked = yield* look(deps, wanted, request)
    if (looked.plan.misfits.length > 0) throw new TuttiError('INVALID_REQUEST', looked.plan.misfits.map(misfitText).join('; '))
    const after =
      looked.known !== undefined && looked.plan.change === 'unchanged' ? looked.known : yield* write(deps, told, wanted, looked, request)
    return { ...looked.plan, id: after.id, versionNumber: yield* numberOf(deps, after) }
  } catch (error) {
    if (!(error instanceof TuttiError)) throw error
    throw new TuttiError(error, `deployment ${flowName}/${name}: ${error.message}`, { cause: error })
  }
}

function misfitText({ schedule, problem }: Misfit): string {
  return schedule === null ? `its parameters do not fit: ${problem}` : `the parameters of its schedule ${schedule} do not fit: ${problem}`
}

function* write(
  deps: ToldDeps,
  told: Told[],
  { flowName, name }: WantedDeployment,
  { known, there, changes }: Looked,
  { origin }: DeployRequest,
): Script<Deployment> {
  const { deployments, flowRuns } = deps.store.tables
  const now = deps.clock.now()
  const flow = (yield* ensureFlow(deps, told, { name: flowName, tags: [], labels: NOTHING })).flow
  // One that was put aside comes back as a new one, with the versions it had.
  const aside = known === undefined ? yield* deployments.byNameEver(flow.id, name) : undefined
  const former = known ?? { ...blank(aside?.id ?? deps.ids.next(), flow.id, name, null, now), createdAt: aside?.createdAt ?? now }
  const version = changes.version ?? String(yield* nextNumber(deps, former.id))
  const after = yield* changed(deps, told, former, { ...changes, version }, 'INVALID_REQUEST')
  if (known === undefined && aside === undefined) yield* deployments.insert(after)
  else yield* deployments.save(after)
  if (changes.schedules !== undefined) yield* scheduleOperations.match(deps, after, changes.schedules)
  const isPausedNow = after.paused && !former.paused
  yield* flowRuns.delete(yield* deployments.unbegunRuns(after.id, isPausedNow ? null : now), now)
  const counted = yield* keepVersion(deps, { before: there, after: yield* view(deps, after), origin })
  if (known === undefined) yield* tell(deps, told, 'created', counted)
  else yield* tellUpdated(deps, told, known, counted)
  return counted
}

function* putAside(deps: ToldDeps, told: Told[], deployment: Deployment): Script<void> {
  const { deployments, flowRuns } = deps.store.tables
  const now = deps.clock.now()
  yield* flowRuns.delete(yield* deployments.unbegunRuns(deployment.id, null), now)
  yield* deployments.save({ ...deployment, deletedAt: now, updatedAt: now })
  yield* tell(deps, told, 'deleted', deployment)
}

function* numberOf({ store }: ToldDeps, { versionId }: Deployment): Script<number | null> {
  return versionId === null ? null : ((yield* store.tables.deploymentVersions.get(versionId))?.number ?? null)
}
