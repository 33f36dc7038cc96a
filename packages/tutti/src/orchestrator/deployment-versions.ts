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

/** What a run is started with. */
export function* jobOf({ store }: Deps, { name, id, dispatch }: FlowRun): Script<DeploymentJob> {
  const { deployments, deploymentVersions } = store.tables
  const deploymentId = dispatch?.deploymentId ?? null
  const deployment = deploymentId === null ? undefined : yield* deployments.get(deploymentId)
  const versionId = dispatch?.deploymentVersionId
  const version = versionId === undefined ? undefined : yield* deploymentVersions.get(versionId)
  if (deployment === undefined && version === undefined)
    throw new TuttiError('NOT_FOUND', `flow run ${name} (${id}) has no deployment that says how it is started`)
  const current = {
    path: deployment?.path,
    entrypoint: deployment?.entrypoint,
    pullSteps: deployment?.pullSteps,
    jobVariables: deployment?.jobVariables,
  }
  const { entrypoint, path, pullSteps, jobVariables } = version === undefined ? current : changesOfSnapshot(version.snapshot)
  return {
    entrypoint: entrypoint ?? null,
    path: path ?? null,
    pullSteps: pullSteps ?? null,
    jobVariables: merged(jobVariables ?? NOTHING, dispatch?.jobVariables ?? NOTHING),
    commit: version?.origin?.commit ?? null,
    versionNumber: version?.number ?? null,
  }
}

const NOTHING = new JsonText('{}')
