import { ENGINE_VERSION } from '../api/engine-verbs.ts'
import { TuttiError } from '../core/errors.ts'

/** Records of the domain travel between engines and servers that mean the same by them. */
export function checkVersion(version: number): void {
  if (version !== ENGINE_VERSION)
    throw new TuttiError('BAD_REQUEST', `the engine speaks version ${version} of the engine's API, this server version ${ENGINE_VERSION}`)
}
