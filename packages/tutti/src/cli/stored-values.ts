import { inspect } from 'node:util'
import type { StoredValue } from '../core/json.ts'
import { isTuttiError } from '../core/errors.ts'
import { addressOf, readOutcome } from '../engine/outcome.ts'
import { reviveError } from '../engine/stored-error.ts'
import type { Tutti } from '../index.ts'
import { messageOf } from './error-report.ts'

/** What became of a stored value: it may be gone, or need a class that only the user's own code knows. */
export type ReadValue =
  | { readonly type: 'value'; readonly value: unknown }
  | { readonly type: 'unreadable'; readonly why: string; readonly address?: string }

export async function readValue({ orchestrator }: Tutti, flowRunId: string, stored: StoredValue | null): Promise<ReadValue> {
  if (stored === null) return { type: 'unreadable', why: 'nothing was kept' }
  if (stored.format === 'none') return { type: 'unreadable', why: 'it was not kept' }
  try {
    return { type: 'value', value: await readOutcome(orchestrator.results, flowRunId, stored) }
  } catch (error) {
    const address = isTuttiError(error, 'RESULT_ELSEWHERE') ? await addressOf(orchestrator.results, flowRunId, stored.text) : undefined
    return address === undefined
      ? { type: 'unreadable', why: messageOf(error) }
      : { type: 'unreadable', why: `kept at ${address}`, address }
  }
}

/** Where the storage of its flow keeps a value; null for one that is kept here. */
export function addressJson(read: ReadValue): string | null {
  return read.type === 'unreadable' ? (read.address ?? null) : null
}

/** The error of a failed run, as it was thrown. */
export function readError(stored: StoredValue | null): unknown {
  return stored === null || stored.format === 'none' ? undefined : reviveError(stored)
}

const SHOWN_MAX = 4_000

/** A value for people, on as few lines as it needs. */
export function showValue(read: ReadValue, colours: boolean): string {
  if (read.type === 'unreadable') return `(${read.why})`
  const text = inspect(read.value, { depth: 6, colors: colours, breakLength: 100, maxArrayLength: 50, maxStringLength: 1_000 })
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

/** A value for programs: what JSON cannot say becomes its nearest likeness. */
export function valueJson(read: ReadValue): unknown {
  return read.type === 'value' ? plain(read.value) : null
}

export function plain(value: unknown): unknown {
  let text: string | undefined
  try {
    text = JSON.stringify(value, likeness)
  } catch (error) {
    // A cycle, or a member that throws when it is read.
    return error instanceof TypeError && error.message.includes('circular') ? '[circular structure]' : `[unreadable: ${messageOf(error)}]`
  }
  return text === undefined ? null : (JSON.parse(text) as unknown)
}

function likeness(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Map) return [...value.entries()]
  if (value instanceof Set) return [...value]
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as unknown as ArrayLike<unknown>) // typed arrays are alike
  return value
}
