import { z } from 'zod'
import type { EventFilter, ResourceTest } from '../core/event-filter.ts'
import { after } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { instant, uuid } from './values.ts'

const DAYS_BACK = 180
const DAY_MS = 86_400_000

/** An empty list asks for nothing, as no list does. */
const texts = listOf(z.string())

function listOf<T extends z.ZodType<string>>(member: T) {
  return z
    .array(member)
    .nullish()
    .transform((list): readonly string[] | null => (list === null || list === undefined || list.length === 0 ? null : list))
    .optional()
}

/** One value or several; each may be text or a list. */
const labels = z.record(z.string(), z.union([z.string(), z.array(z.string())])).nullish()

const resource = z
  .strictObject({ id: texts, id_prefix: texts, labels, distinct: z.boolean().nullish() })
  .transform((given): ResourceTest => testOf({ ...given, role: null, resources_in_roles: null }))

const related = z
  .strictObject({ id: texts, role: texts, resources_in_roles: z.array(z.tuple([z.string(), z.string()])).nullish(), labels })
  .transform((given): ResourceTest => testOf({ ...given, id_prefix: null }))

const anyResource = z
  .strictObject({ id: texts, id_prefix: texts, labels })
  .transform((given): ResourceTest => testOf({ ...given, role: null, resources_in_roles: null }))

interface Given {
  readonly id?: readonly string[] | null | undefined
  readonly id_prefix?: readonly string[] | null | undefined
  readonly role?: readonly string[] | null | undefined
  readonly resources_in_roles?: readonly (readonly [string, string])[] | null | undefined
  readonly labels?: Readonly<Record<string, string | readonly string[]>> | null | undefined
}

function testOf(given: Given): ResourceTest {
  const wanted = given.labels ?? null
  return {
    ids: given.id ?? null,
    idPrefixes: given.id_prefix ?? null,
    roles: given.role ?? null,
    idsInRoles: given.resources_in_roles ?? null,
    labels: wanted === null ? null : Object.fromEntries(Object.entries(wanted).map(([label, value]) => [label, [value].flat()])),
  }
}

/** One of them, or a list of which each has to be met. */
function oneOrMore<T extends z.ZodType<ResourceTest>>(schema: T) {
  return z
    .union([schema, z.array(schema)])
    .nullish()
    .transform((given): readonly ResourceTest[] =>
      given === null || given === undefined ? [] : ([given].flat() as readonly ResourceTest[]),
    ) // one or a list of them
}

/** The protocol's filter of events; without a time it means the last half year. */
export const eventFilter = z
  .strictObject({
    occurred: z.strictObject({ since: instant.nullish(), until: instant.nullish() }).nullish(),
    event: z.strictObject({ prefix: texts, exclude_prefix: texts, name: texts, exclude_name: texts }).nullish(),
    resource: resource.nullish(),
    related: oneOrMore(related),
    any_resource: oneOrMore(anyResource),
    id: z.strictObject({ id: listOf(uuid) }).nullish(),
    text: z.strictObject({ query: z.string().max(200) }).nullish(),
    order: z.enum(['ASC', 'DESC']).nullish(),
  })
  .transform((given) => (now: Instant): EventFilter => ({
    since: given.occurred?.since ?? after(now, -DAYS_BACK * DAY_MS),
    until: given.occurred?.until ?? now,
    ids: given.id?.id ?? null,
    names: given.event?.name ?? null,
    prefixes: given.event?.prefix ?? null,
    namesExcluded: given.event?.exclude_name ?? [],
    prefixesExcluded: given.event?.exclude_prefix ?? [],
    resource: given.resource ?? null,
    related: given.related,
    any: given.any_resource,
    words: (given.text?.query ?? '')
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== ''),
    order: given.order === 'ASC' ? 'oldest' : 'newest',
  }))
