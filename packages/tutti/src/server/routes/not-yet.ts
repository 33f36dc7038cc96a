import { notYetOffered } from '../../api/not-yet.ts'
import { TuttiError } from '../../core/errors.ts'
import type { Mount } from '../mount.ts'

export function mountNotYet(mount: Mount): void {
  for (const endpoint of Object.values(notYetOffered)) {
    mount(endpoint, async () => {
      throw new TuttiError('NOT_IMPLEMENTED', `this server does not offer ${endpoint.method} ${endpoint.path} yet`)
    })
  }
}
