import { isTuttiError, TuttiError } from '../core/errors.ts'
import type { StoredValue } from '../core/json.ts'
import type { CachedOutcome, ResultOperations } from '../core/orchestrator.ts'
import { readPointer } from '../core/result-storage.ts'
import type { TaskDefinition } from './definition.ts'
import { pointerIn } from './result-storage.ts'
import { decodeResult, encodeResult, RESULT_INLINE_MAX_BYTES } from './results.ts'
import type { EncodedResult } from './results.ts'
import { reviveError } from './stored-error.ts'

/** What is written for a result that stays in memory only. */
const NOT_KEPT: StoredValue = { format: 'none', text: '' }
/** The same for a result that holds a secret. */
const HOLDS_SECRET: StoredValue = { format: 'none', text: '' }

/** Why a result is in memory only, as the end of a sentence; `undefined` when it is kept. */
export function reasonNotKept(outcome: StoredValue | null): string | undefined {
  if (outcome === HOLDS_SECRET) return 'holds a secret and is not stored'
  return outcome?.format === 'none' ? 'cannot be stored' : undefined
}

/** Whoever a result belongs to: it names the blob of a large one. */
export interface OutcomeOwner {
  readonly id: string
  readonly sequence: number
  readonly name: string
}

/**
 * Makes a result ready for the store: inline when small, else written as a blob first. Synchronous for what most tasks return.
 * A result that cannot be serialised is not kept, or is an error when the task says `persist: 'required'`.
 */
export function keepOutcome(
  results: ResultOperations,
  flowRunId: string,
  owner: OutcomeOwner,
  options: Pick<TaskDefinition, 'persist' | 'serializer'>,
  result: unknown,
): StoredValue | TuttiError | Promise<StoredValue | TuttiError> {
  if (options.persist === false) return NOT_KEPT
  const encoded = encodeResult(result, { serializer: options.serializer })
  return encoded instanceof Promise
    ? encoded.then((ready) => place(results, flowRunId, owner, options, ready))
    : place(results, flowRunId, owner, options, encoded)
}

function place(
  results: ResultOperations,
  flowRunId: string,
  owner: OutcomeOwner,
  options: Pick<TaskDefinition, 'persist'>,
  encoded: EncodedResult,
): StoredValue | TuttiError | Promise<StoredValue> {
  if ('unserialisable' in encoded) {
    if (options.persist !== 'required') return encoded.isSecret === true ? HOLDS_SECRET : NOT_KEPT
    return new TuttiError(
      'RESULT_NOT_SERIALISABLE',
      `the result of ${owner.name} has ${encoded.what} at ${encoded.unserialisable}, which ${encoded.isSecret === true ? 'is not' : 'cannot be'} stored`,
    )
  }
  if (encoded.sizeBytes <= RESULT_INLINE_MAX_BYTES) return { format: encoded.format, text: encoded.text }
  const key = keyOf(owner)
  return results.write(flowRunId, key, Buffer.from(`${encoded.format}\n${encoded.text}`)).then(() => ({ format: 'blob', text: key }))
}

function keyOf({ id, sequence }: Pick<OutcomeOwner, 'id' | 'sequence'>): string {
  return `${id}-${sequence}`
}

/** Whether a large result was made by the run that has it: what a rerun reuses was made by another one. */
export function isMadeBy(outcome: StoredValue, ownerId: string): boolean {
  return outcome.format === 'blob' && outcome.text.startsWith(`${ownerId}-`) // see `keyOf`
}

/** The value of a stored result. */
export async function readOutcome(results: ResultOperations, flowRunId: string, outcome: StoredValue | null): Promise<unknown> {
  if (outcome === null) return undefined
  const stored = outcome.format === 'blob' ? await readBlob(results, flowRunId, outcome.text) : outcome
  return decodeResult(stored)
}

/**
 * A cached result, and the outcome that keeps it as the run's own, so that the run can be resumed after the cache has let go of it.
 * `undefined` when the cache names a large result that is gone: the call runs as if it had never been cached.
 */
export async function takeCached(
  results: ResultOperations,
  flowRunId: string,
  owner: OutcomeOwner,
  hit: CachedOutcome,
): Promise<{ readonly outcome: StoredValue; readonly value: unknown } | undefined> {
  try {
    const outcome = hit.outcome.format === 'blob' ? await copyBlob(results, flowRunId, owner, hit) : hit.outcome
    return { outcome, value: await readOutcome(results, flowRunId, outcome) }
  } catch (error) {
    if (isTuttiError(error, 'RESULT_MISSING') || isTuttiError(error, 'RESULT_ELSEWHERE')) return undefined
    throw error
  }
}

async function copyBlob(results: ResultOperations, flowRunId: string, owner: OutcomeOwner, hit: CachedOutcome): Promise<StoredValue> {
  const key = keyOf(owner)
  await results.write(flowRunId, key, await results.read(hit.flowRunId, hit.outcome.text))
  return { format: 'blob', text: key }
}

export function readFailure(outcome: StoredValue | null): unknown {
  return outcome === null ? new Error('the error was not kept') : reviveError(outcome)
}

/** Where the storage of its flow keeps a large result; `undefined` for one that is kept here, or gone. */
export async function addressOf(results: ResultOperations, flowRunId: string, key: string): Promise<string | undefined> {
  try {
    return pointerIn(await results.read(flowRunId, key))?.address
  } catch (error) {
    if (isTuttiError(error, 'RESULT_MISSING')) return undefined
    throw error
  }
}

async function readBlob(results: ResultOperations, flowRunId: string, key: string): Promise<StoredValue> {
  const text = Buffer.from(await results.read(flowRunId, key)).toString('utf8')
  const pointer = readPointer(text)
  if (pointer !== undefined)
    throw new TuttiError('RESULT_ELSEWHERE', `the result ${key} of flow run ${flowRunId} is kept at ${pointer.address}`)
  const lineEnd = text.indexOf('\n')
  const format = text.slice(0, lineEnd)
  if (format !== 'json' && format !== 'devalue' && format !== 'cbor')
    throw new TuttiError('RESULT_MISSING', `the stored result ${key} of flow run ${flowRunId} is damaged`)
  return { format, text: text.slice(lineEnd + 1) }
}
