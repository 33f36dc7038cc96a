import type { DeploymentVersion } from '../../queries.ts'

export interface FieldDiff {
  readonly field: string
  /** `undefined`: it was not there. */
  readonly was: unknown
  /** `undefined`: it is not there any more. */
  readonly now: unknown
}

/** What differs from one version to another, in either direction: each version tells what it changed of the one before. */
export function diffBetween(versions: readonly DeploymentVersion[], from: number, to: number): readonly FieldDiff[] {
  const [low, high] = from <= to ? [from, to] : [to, from]
  const between = versions.filter(({ number }) => number > low && number <= high).toSorted((one, other) => one.number - other.number)
  const diffs = new Map<string, FieldDiff>()
  for (const { field, was, now } of between.flatMap(({ changes }) => changes))
    diffs.set(field, { field, was: diffs.has(field) ? diffs.get(field)!.was : was, now })
  return [...diffs.values()]
    .filter(({ was, now }) => JSON.stringify(was) !== JSON.stringify(now))
    .map((diff) => (from <= to ? diff : { field: diff.field, was: diff.now, now: diff.was }))
    .toSorted((one, other) => (one.field < other.field ? -1 : 1))
}
