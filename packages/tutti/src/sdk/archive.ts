import { ARCHIVE_STEP, readArchiveStep } from '../core/code-source.ts'
import type { ArchiveStepFields } from '../core/code-source.ts'
import type { SecretLocation } from './git.ts'

/** A storage for archives as the place where the code of a deployment comes from. */
export interface ArchiveOptions {
  /** `gs://bucket/folder` with `@tutti/gcp` beside tutti, or `file:///folder` that every machine sees. */
  readonly address: string
  /** The JSON of a service account's key on each machine; without it the credentials that the machine has. */
  readonly key?: SecretLocation
  /** `never`: no packages are installed, whatever lock file there is. */
  readonly install?: 'auto' | 'never'
  /** Whether packages may run their install scripts; off unless you say so. */
  readonly installScripts?: boolean
}

/** A step that a worker takes before it starts a flow run, as deployments store it. */
export interface ArchivePullStep {
  readonly [ARCHIVE_STEP]: ArchiveStepFields
}

/**
 * Says that the code of a deployment comes from a storage: `tutti deploy` puts the files of the project there as one archive, without what
 * `.gitignore` names, and workers fetch it when a run starts and keep it.
 *
 * @example
 * etl.deployment({ name: 'prod', pool: 'local', code: archive({ address: 'gs://team-code/flows' }) })
 * @throws `CODE_SOURCE_INVALID` at once, for what cannot be right.
 */
export function archive(options: ArchiveOptions): ArchivePullStep {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  readArchiveStep(Object.fromEntries(given), 'archive({ … })')
  // Checked a line before.
  return { [ARCHIVE_STEP]: Object.fromEntries(given) as unknown as ArchiveStepFields }
}
