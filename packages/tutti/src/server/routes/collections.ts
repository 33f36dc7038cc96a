import { collections } from '../../api/collections.ts'
import { TuttiError } from '../../core/errors.ts'
import { CATALOGUE } from '../../core/worker-catalogue.ts'
import type { Mount } from '../mount.ts'

export function mountCollections(mount: Mount): void {
  mount(collections.view, ({ params: { view } }) => {
    const known = Object.hasOwn(CATALOGUE, view) ? CATALOGUE[view] : undefined
    if (known === undefined) return Promise.reject(new TuttiError('NOT_FOUND', `View ${view} not found in registry`))
    return Promise.resolve({ ...known })
  })
}
