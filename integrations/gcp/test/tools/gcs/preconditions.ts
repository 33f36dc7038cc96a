import type { StoredObject } from './disk.ts'
import { ServiceError } from './http.ts'

/**
 * @param current - the object as it is; `undefined` when there is none, which has the generation 0.
 * @param prefix - `ifSource` for the source of a copy.
 */
export function checkPreconditions(query: URLSearchParams, current: StoredObject | undefined, prefix: 'if' | 'ifSource' = 'if'): void {
  const generation = current?.generation ?? '0'
  const metageneration = current?.metageneration ?? '0'
  const isWrong =
    differs(query.get(`${prefix}GenerationMatch`), generation) || differs(query.get(`${prefix}MetagenerationMatch`), metageneration)
  if (isWrong) throw new ServiceError(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.')
  const isTheSame =
    query.get(`${prefix}GenerationNotMatch`) === generation || query.get(`${prefix}MetagenerationNotMatch`) === metageneration
  if (isTheSame) throw new ServiceError(304, 'notModified')
}

function differs(asked: string | null, actual: string): boolean {
  return asked !== null && asked !== actual
}
