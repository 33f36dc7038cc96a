import { hash } from 'node:crypto'
import { TuttiError } from '../core/errors.ts'
import type { ResultOperations } from '../core/orchestrator.ts'
import { pointerText, readPointer } from '../core/result-storage.ts'
import type { ResultPointer, ResultStorage } from '../core/result-storage.ts'
import type { FlowDefinition } from './definition.ts'
import type { Engine } from './engine.ts'
import { messageOf } from './thrown.ts'

/** Larger is no pointer. */
const POINTER_MAX_BYTES = 16 * 1024

/** Where the large results of a flow go: to the storage that the flow names, else where all results are. */
export function resultsOf(
  { orchestrator }: Pick<Engine, 'orchestrator'>,
  { resultStorage }: Pick<FlowDefinition, 'resultStorage'>,
): ResultOperations {
  return resultStorage === null ? orchestrator.results : new ResultsElsewhere(orchestrator.results, resultStorage)
}

/** The pointer in the bytes of a result; `undefined` when they are the result itself, as what was kept before the flow named a storage. */
export function pointerIn(kept: Uint8Array): ResultPointer | undefined {
  return kept.length > POINTER_MAX_BYTES ? undefined : readPointer(Buffer.from(kept).toString())
}

/** Keeps the bytes in a storage, and a pointer to them where results usually are: what is shared and deleted is the pointer. */
class ResultsElsewhere implements ResultOperations {
  readonly #pointers: ResultOperations
  readonly #open: () => Promise<ResultStorage>
  #storage: Promise<ResultStorage> | undefined

  constructor(pointers: ResultOperations, open: () => Promise<ResultStorage>) {
    this.#pointers = pointers
    this.#open = open
  }

  async write(flowRunId: string, key: string, bytes: Uint8Array): Promise<void> {
    const storage = await this.#storageOpen()
    let address: string
    try {
      address = await storage.write(`${flowRunId}/${key}`, bytes)
    } catch (error) {
      throw new TuttiError('RESULT_STORAGE_FAILED', `a result of ${bytes.length} bytes could not be kept: ${messageOf(error)}`, {
        cause: error,
      })
    }
    const pointer = { address, sizeBytes: bytes.length, hash: hashOf(bytes) }
    await this.#pointers.write(flowRunId, key, Buffer.from(pointerText(pointer)))
  }

  async read(flowRunId: string, key: string): Promise<Uint8Array> {
    const kept = await this.#pointers.read(flowRunId, key)
    const pointer = pointerIn(kept)
    return pointer === undefined ? kept : this.#follow(pointer)
  }

  async #follow({ address, hash: expected }: ResultPointer): Promise<Uint8Array> {
    const storage = await this.#storageOpen()
    let bytes: Uint8Array
    try {
      bytes = await storage.read(address)
    } catch (error) {
      throw new TuttiError('RESULT_MISSING', `the stored result at ${address} cannot be read: ${messageOf(error)}`, { cause: error })
    }
    if (hashOf(bytes) !== expected) throw new TuttiError('RESULT_MISSING', `what is at ${address} is another result than was kept there`)
    return bytes
  }

  #storageOpen(): Promise<ResultStorage> {
    this.#storage ??= this.#open().catch((error: unknown) => {
      // The next result may find what was missing.
      this.#storage = undefined
      throw new TuttiError('RESULT_STORAGE_FAILED', `the storage of results cannot be opened: ${messageOf(error)}`, { cause: error })
    })
    return this.#storage
  }
}

function hashOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex')
}
