import { Worker } from 'node:worker_threads'
import type { Actor } from '../../core/actor.ts'
import { TuttiError } from '../../core/errors.ts'
import type { ServerOrchestrator } from '../../core/server-orchestrator.ts'
import type { Tell } from '../../core/told.ts'
import { orchestratorsOf } from '../callers.ts'
import type { Callers } from '../callers.ts'
import { isPlain } from './messages.ts'
import type { FromWriter, ToWriter, WriterData } from './messages.ts'
import { pack, unpack, unpackError } from '../../core/packing.ts'
import type { StoreUpgrade } from '../../core/store-upgrade.ts'
import { isRead } from './reads.ts'

export interface WriterOptions {
  readonly data: WriterData
  readonly tell: Tell
  readonly callers: Callers
  /** Told of what takes long before it is ready. */
  readonly onUpgrade: (upgrade: StoreUpgrade) => void
  /** The thread ended by itself after it was ready: nothing can be written any more. */
  readonly onLost: (error: Error) => void
}

/** The thread that writes, seen from the one that answers requests. */
export interface Writer {
  /** Resolves once the database is open and brought up to date; rejects with what the store says when it cannot be opened. */
  readonly ready: Promise<void>
  write(noun: string, verb: string, args: readonly unknown[]): Promise<unknown>
  /** Whether somebody looks at single task runs and log lines. */
  watch(details: boolean): void
  /** After what is under way. */
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

export function startWriter({ data, tell, callers, onUpgrade, onLost }: WriterOptions): Writer {
  // The sources run as TypeScript, the package as JavaScript: the thread's file is beside this one in either.
  const file = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const worker = new Worker(file, { workerData: data })
  const waiting = new Map<number, Waiting>()
  const ready = Promise.withResolvers<void>()
  let lastId = 0
  let isReady = false
  let closing = false
  let failure: Error | undefined

  worker.on('message', (message: FromWriter) => {
    switch (message.type) {
      case 'ready':
        isReady = true
        return ready.resolve()
      case 'upgrade':
        return onUpgrade(message.upgrade)
      case 'unopened':
        return ready.reject(unpackError(message.error))
      case 'told':
        return tell(message.told.map((each) => unpack(each) as typeof each)) // packed by the thread
      case 'answer':
        take(message.id)?.resolve(unpack(message.result))
        return
      case 'refusal':
        take(message.id)?.reject(unpackError(message.error))
        return
    }
  })
  worker.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error))
  })
  worker.on('exit', () => {
    const error = failure ?? new TuttiError('STORE_FAILED', 'the thread that writes the database has ended')
    ready.reject(error)
    for (const each of waiting.values()) each.reject(error)
    waiting.clear()
    if (isReady && !closing) onLost(error)
  })
  // Whoever starts it awaits this; until then a failure is nobody's unhandled rejection.
  ready.promise.catch(() => undefined)

  function take(id: number): Waiting | undefined {
    const found = waiting.get(id)
    waiting.delete(id)
    return found
  }

  return {
    ready: ready.promise,
    write(noun, verb, args) {
      const id = ++lastId
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        post({ type: 'write', id, noun, verb, args: isPlain(noun, verb) ? args : args.map(pack), caller: callers.current() })
      })
    },
    watch: (details) => post({ type: 'watch', details }),
    async close() {
      closing = true
      const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
      post({ type: 'close' })
      await ended
    },
  }

  function post(message: ToWriter): void {
    worker.postMessage(message)
  }
}

/** An orchestrator that reads here and writes there. */
export function withWriter(reader: ServerOrchestrator, writer: Writer): ServerOrchestrator {
  return {
    ...withWrites(reader, (noun, verb, args) => writer.write(noun, verb, args)),
    // The writer first: what it has been given is written before the connection that reads is closed.
    async close() {
      await writer.close()
      await reader.close()
    },
  }
}

/** An orchestrator whose changes are those of whoever asks for them. */
export function forCallers(make: (caller: Actor | undefined) => ServerOrchestrator, callers: Callers): ServerOrchestrator {
  const orchestratorOf = orchestratorsOf(make)
  return withWrites(orchestratorOf(undefined), (noun, verb, args) => {
    const operations = orchestratorOf(callers.current())[noun as 'flowRuns'] as unknown as Readonly<Record<string, Operation>> // all are made alike
    return operations[verb]!(...args)
  })
}

type Operation = (...args: readonly unknown[]) => Promise<unknown>

function withWrites(
  reader: ServerOrchestrator,
  write: (noun: string, verb: string, args: readonly unknown[]) => Promise<unknown>,
): ServerOrchestrator {
  const split = Object.entries(reader).map(([noun, operations]) => {
    if (noun === 'close') return [noun, operations]
    const verbs = Object.entries(operations as Readonly<Record<string, unknown>>).map(([verb, operation]) => [
      verb,
      isRead(noun, verb) ? operation : (...args: readonly unknown[]) => write(noun, verb, args),
    ])
    return [noun, Object.fromEntries(verbs)]
  })
  return Object.fromEntries(split) as ServerOrchestrator // every noun and every verb of `reader`
}
