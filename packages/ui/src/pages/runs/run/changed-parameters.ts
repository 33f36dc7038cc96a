import { Unreadable } from '../../../parts/schema-form/unreadable.ts'

export type ChangedParameters =
  /** Laid over those of the run; `undefined`: all are the same. */
  { readonly type: 'ready'; readonly parameters: Readonly<Record<string, unknown>> | undefined } | { readonly type: 'broken' }

/** What differs from the parameters of a run. One that was taken away is as it was: what is laid over cannot take away. */
export function changedParameters(before: Readonly<Record<string, unknown>>, edited: unknown): ChangedParameters {
  if (edited === undefined) return { type: 'ready', parameters: undefined }
  if (!isObject(edited) || edited instanceof Unreadable) return { type: 'broken' }
  const changed = Object.entries(edited).filter(([key, value]) => value !== undefined && !isSame(value, before[key]))
  return { type: 'ready', parameters: changed.length === 0 ? undefined : Object.fromEntries(changed) }
}

/** By their values; the order of the members of an object says nothing. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (Array.isArray(one) || Array.isArray(other))
    return Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((each, at) => isSame(each, other[at]))
  if (!isObject(one) || !isObject(other)) return false
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
