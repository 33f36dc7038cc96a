import { VERSIONS_KEPT } from '../core/deploy.ts'
import type { Deployment, DeploymentView } from '../core/deployment.ts'
import { descriptionOf, differences, novelties } from '../core/deployment-plan.ts'
import type { Description } from '../core/deployment-plan.ts'
import { changesOfSnapshot, snapshotOf } from '../core/deployment-version.ts'
import type { CodeOrigin, DeploymentJob, DeploymentVersion } from '../core/deployment-version.ts'
import { TuttiError } from '../core/errors.ts'
import type { FlowRun } from '../core/flow-run.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { merged } from './flow-run-changes.ts'

/** Pausing and resuming is no other version of the code. */
const NOT_COUNTED: readonly string[] = ['paused']

/** Writes down what a change has made of a deployment, unless it made nothing of it. */
export function* keepVersion(
  { store, ids, clock }: Deps,
  {
    before,
    after,
    origin,
  }: { readonly before: Description | undefined; readonly after: DeploymentView; readonly origin: CodeOrigin | null },
): Script<Deployment> {
  const { deployments, deploymentVersions } = store.tables
  const now = descriptionOf(after)
  const { deployment } = after
  const all = before === undefined ? novelties(now) : differences(before, now)
  const counted = all.filter(({ field }) => !NOT_COUNTED.includes(field))
  if (counted.length === 0 && deployment.versionId !== null) return deployment
  const id = ids.next()
  const number = yield* nextNumber({ store }, deployment.id)
  const { version } = deployment
  // That the server counts on is not worth telling.
  const changes = counted.filter(({ field }) => field !== 'version' || version !== String(number))
  yield* deploymentVersions.insert({
    id,
    deploymentId: deployment.id,
    number,
    version,
    origin,
    changes,
    snapshot: snapshotOf(after),
    createdAt: clock.now(),
  })
  yield* deploymentVersions.deleteBelow(deployment.id, number - VERSIONS_KEPT + 1)
  const saved = { ...deployment, versionId: id }
  yield* deployments.save(saved)
  return saved
}

export function* nextNumber({ store }: Pick<Deps, 'store'>, deploymentId: string): Script<number> {
  const [newest] = yield* store.tables.deploymentVersions.list(deploymentId, { limit: 1, offset: 0 })
  return (newest?.number ?? 0) + 1
}

export function* versionNumbered({ store }: Deps, { id, name }: Deployment, number: number): Script<DeploymentVersion> {
  const found = yield* store.tables.deploymentVersions.byNumber(id, number)
  if (found === undefined) throw new TuttiError('NOT_FOUND', `deployment ${name} has no version ${number}`)
  return found
}

/** The deployment of a run, with the code and the job variables of the version that the run was made from. */
export function* deploymentOf({ store }: Deps, { dispatch }: FlowRun): Script<Deployment | undefined> {
  const { deployments, deploymentVersions } = store.tables
  const deployment = dispatch === undefined || dispatch.deploymentId === null ? undefined : yield* deployments.get(dispatch.deploymentId)
  const versionId = dispatch?.deploymentVersionId
  if (deployment === undefined || versionId === undefined || versionId === deployment.versionId) return deployment
  const version = yield* deploymentVersions.get(versionId)
  if (version === undefined) return deployment
  const { entrypoint = null, path = null, pullSteps = null, jobVariables = NOTHING } = changesOfSnapshot(version.snapshot)
  return { ...deployment, entrypoint, path, pullSteps, jobVariables, versionId }
}

/** What a run is started with. */
export function* jobOf(deps: Deps, run: FlowRun): Script<DeploymentJob> {
  const deployment = yield* deploymentOf(deps, run)
  if (deployment === undefined)
    throw new TuttiError('NOT_FOUND', `flow run ${run.name} (${run.id}) has no deployment that says how it is started`)
  const { entrypoint, path, pullSteps, jobVariables, versionId } = deployment
  const version = versionId === null ? undefined : yield* deps.store.tables.deploymentVersions.get(versionId)
  return {
    entrypoint,
    path,
    pullSteps,
    jobVariables: merged(jobVariables, run.dispatch?.jobVariables ?? NOTHING),
    commit: version?.origin?.commit ?? null,
    versionNumber: version?.number ?? null,
  }
}

const NOTHING = new JsonText('{}')
