import { RESOURCE_ID, RESOURCE_ROLE } from './event.ts'
import type { Event, ResourceLabels } from './event.ts'
import type { Instant } from './time.ts'

/** Which events somebody wants; what is `null` is not asked for. */
export interface EventFilter {
  readonly since: Instant
  readonly until: Instant
  readonly ids: readonly string[] | null
  readonly names: readonly string[] | null
  readonly prefixes: readonly string[] | null
  readonly namesExcluded: readonly string[]
  readonly prefixesExcluded: readonly string[]
  /** What it happened to. */
  readonly resource: ResourceTest | null
  /** Each is met by one of those that had a part in it. */
  readonly related: readonly ResourceTest[]
  /** Each is met by what it happened to, or by one that had a part in it. */
  readonly any: readonly ResourceTest[]
  /** Words in its name, its resources or its payload. */
  readonly words: readonly string[]
  readonly order: 'oldest' | 'newest'
}

export interface ResourceTest {
  readonly ids: readonly string[] | null
  readonly idPrefixes: readonly string[] | null
  readonly roles: readonly string[] | null
  /** Pairs of an id and a role. */
  readonly idsInRoles: readonly (readonly [string, string])[] | null
  /** Each label has one of the values: `*` and `?` are wildcards, `!` in front excludes. */
  readonly labels: Readonly<Record<string, readonly string[]>> | null
}

/** Whether the database can decide it alone. */
export function isPlain({ resource, related, any, words }: EventFilter): boolean {
  return words.length === 0 && [resource, ...related, ...any].every((test) => test === null || test.labels === null)
}

export function matchesEvent(filter: EventFilter, event: Event): boolean {
  const { name, resource, related, occurredAt } = event
  if (occurredAt < filter.since || occurredAt > filter.until) return false
  if (filter.ids !== null && !filter.ids.includes(event.id)) return false
  if (filter.names !== null || filter.prefixes !== null) {
    const isNamed = filter.names?.includes(name) === true
    if (!isNamed && filter.prefixes?.some((prefix) => name.startsWith(prefix)) !== true) return false
  }
  if (filter.namesExcluded.includes(name) || filter.prefixesExcluded.some((prefix) => name.startsWith(prefix))) return false
  if (filter.resource !== null && !meets(filter.resource, resource, '')) return false
  const isMetBy = (test: ResourceTest, all: readonly ResourceLabels[]): boolean =>
    all.some((labels) => meets(test, labels, labels[RESOURCE_ROLE] ?? ''))
  if (!filter.related.every((test) => isMetBy(test, related))) return false
  if (!filter.any.every((test) => meets(test, resource, '') || isMetBy(test, related))) return false
  if (filter.words.length === 0) return true
  const text = [name, ...[resource, ...related].flatMap((labels) => Object.values(labels)), event.payload.text].join(' ').toLowerCase()
  return filter.words.some((word) => text.includes(word))
}

function meets(test: ResourceTest, labels: ResourceLabels, role: string): boolean {
  const id = labels[RESOURCE_ID] ?? ''
  if (test.ids !== null && !test.ids.includes(id)) return false
  if (test.idPrefixes !== null && !test.idPrefixes.some((prefix) => id.startsWith(prefix))) return false
  if (test.roles !== null && !test.roles.includes(role)) return false
  if (test.idsInRoles !== null && !test.idsInRoles.some(([wanted, as]) => wanted === id && as === role)) return false
  return test.labels === null || Object.entries(test.labels).every(([label, wanted]) => hasOneOf(labels[label], wanted))
}

function hasOneOf(value: string | undefined, wanted: readonly string[]): boolean {
  const unwanted = wanted.filter((each) => each.startsWith('!')).map((each) => each.slice(1))
  if (value !== undefined && unwanted.some((each) => isLike(value, each))) return false
  const positive = wanted.filter((each) => !each.startsWith('!'))
  if (positive.length === 0) return unwanted.length > 0
  return value !== undefined && positive.some((each) => isLike(value, each))
}

/** Steps through the text once; a `*` that led nowhere takes one character more. */
function isLike(value: string, pattern: string): boolean {
  let at = 0
  let of = 0
  let star = -1
  let from = 0
  while (at < value.length) {
    if (pattern[of] === '*') {
      star = of
      of += 1
      from = at
    } else if (of < pattern.length && (pattern[of] === '?' || pattern[of] === value[at])) {
      at += 1
      of += 1
    } else if (star >= 0) {
      of = star + 1
      from += 1
      at = from
    } else return false
  }
  return /^\**$/.test(pattern.slice(of))
}
