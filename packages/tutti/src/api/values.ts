// How single values are spelled on the wire: what comes in is turned into the domain's values here, what goes out is described here.
import { z } from 'zod'
import { isRawNumber, JsonText } from '../core/literal-json.ts'
import { STATE_TYPES } from '../core/state.ts'
import type { StateType } from '../core/state.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import type { Instant } from '../core/time.ts'

/* ── in ─────────────────────────────────────────────────────────────────────────────────────────── */

/** Numbers arrive as JavaScript's own, or spelled out where the spelling could be lost (`60.0`). */
function spelled(value: unknown): unknown {
  return isRawNumber(value) ? Number(value.rawJSON) : value
}

export const number = z.preprocess(spelled, z.number())
/** A whole number; `3.0` is one. */
export const integer = z.preprocess(spelled, z.int())

export function integerBetween(min: number, max: number) {
  return z.preprocess(spelled, z.int().min(min).max(max))
}

/** Any version; clients write upper case too. */
export const uuid = z.guid().transform((id) => id.toLowerCase())

/** RFC 3339 with any offset, or without one: then it is UTC. */
export const instant = z.string().transform((text, context): Instant => {
  const read = parseInstant(text)
  if (read !== undefined) return read
  context.addIssue({ code: 'custom', message: 'Input should be a valid datetime', params: { type: 'datetime_parsing' } })
  return z.NEVER
})

const ISO_DURATION = /^([-+])?P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

/** Seconds as a number, or a duration in the form of ISO 8601. */
export const seconds = z.preprocess(spelled, z.union([z.number(), z.string()])).transform((value, context): number => {
  if (typeof value === 'number') return value
  const match = ISO_DURATION.exec(value)
  if (match !== null && value.length > 1 && !value.endsWith('T')) {
    const [, sign, days = '0', hours = '0', minutes = '0', rest = '0'] = match
    const total = Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(rest)
    return sign === '-' ? -total : total
  }
  context.addIssue({ code: 'custom', message: 'Input should be seconds or an ISO 8601 duration', params: { type: 'time_delta_parsing' } })
  return z.NEVER
})

/** Any JSON, kept as it is spelled. */
export const json = z.unknown().transform((value) => JsonText.of(value ?? null))
/** A JSON object, kept as it is spelled. */
export const jsonObject = z
  .custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value), {
    message: 'Input should be a valid dictionary',
  })
  .transform((value) => JsonText.of(value))
/** Flat: text, number or boolean under each key. */
export const labels = z
  .record(z.string(), z.union([z.string(), z.boolean(), z.number(), z.custom(isRawNumber)]))
  .transform((value) => JsonText.of(value))

export const tags = z.array(z.string())

export const stateType = z
  .enum(['SCHEDULED', 'PENDING', 'RUNNING', 'PAUSED', 'CANCELLING', 'COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'])
  .transform((type) => type.toLowerCase() as StateType) // the protocol's types are ours in upper case

/* ── out ────────────────────────────────────────────────────────────────────────────────────────── */

/** The shapes of answers: they describe, nothing is converted. */
export const wire = {
  uuid: z.string().meta({ format: 'uuid' }),
  time: z.string().meta({ format: 'date-time' }),
  seconds: z.number(),
  json: z.unknown(),
  object: z.record(z.string(), z.unknown()),
  stateType: z.enum(STATE_TYPES.map((type) => type.toUpperCase() as Uppercase<StateType>)), // see `stateType`
} as const

export function timeText(instant: Instant): string
export function timeText(instant: Instant | null | undefined): string | null
export function timeText(instant: Instant | null | undefined): string | null {
  return instant === null || instant === undefined ? null : formatInstant(instant)
}

export function stateTypeText(type: StateType): Uppercase<StateType> {
  return type.toUpperCase() as Uppercase<StateType> // see `stateType`
}

/** A JSON text as the value of an answer: it is written literally. */
export function jsonOf(value: JsonText | null | undefined): unknown {
  return value ?? null
}

/** As `jsonOf`, of a text that is an object. */
export function objectOf(value: JsonText): Record<string, unknown> {
  return value as unknown as Record<string, unknown> // `JSON.stringify` writes the object that the text is
}
