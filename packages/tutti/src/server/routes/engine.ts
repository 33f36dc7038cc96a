import type { EngineNoun } from '../../api/engine-verbs.ts'
import { engine, ENGINE_CALLS, journalOperation } from '../../api/engine.ts'
import { TuttiError } from '../../core/errors.ts'
import type { Lease } from '../../core/lease.ts'
import type { JournalAnswer, JournalOperation, Orchestrator } from '../../core/orchestrator.ts'
import { pack } from '../../core/packing.ts'
import type { Clock } from '../../core/time.ts'
import { checkVersion } from '../engine-version.ts'
import type { Mount } from '../mount.ts'

type Operation = (...args: readonly unknown[]) => Promise<unknown>

/** What engines of Tutti ask for: the orchestrator as it is. */
export function mountEngine(mount: Mount, orchestrator: Orchestrator, clock: Clock): void {
  mount(engine.call, async ({ params: { noun, verb }, body: { version, now, args } }) => {
    checkVersion(version)
    const read = argumentsOf(noun, verb, args)
    const shiftUs = clock.now() - now
    if (noun === 'journal' && verb === 'flush') return { result: pack(await flush(orchestrator, read[0] as readonly unknown[], shiftUs)) } // as the schema says
    // `argumentsOf` has found the verb among those of the noun.
    const operation = (orchestrator[noun as EngineNoun] as unknown as Record<string, Operation>)[verb]!
    const result = await operation(...withClockOf(noun, verb, read, shiftUs))
    return { result: pack(result ?? null) }
  })
  mount(engine.writeResult, ({ params, body }) => orchestrator.results.write(params.flowRunId, params.key, body))
  mount(engine.readResult, async ({ params }) => {
    // Copied where it is part of a larger piece of memory.
    return new Uint8Array(await orchestrator.results.read(params.flowRunId, params.key))
  })
}

function argumentsOf(noun: string, verb: string, args: readonly unknown[]): readonly unknown[] {
  const calls: Readonly<Record<string, Readonly<Record<string, (typeof ENGINE_CALLS)['flowRuns']['get']>>>> = ENGINE_CALLS as never // all are tuples
  const schema = Object.hasOwn(calls, noun) && Object.hasOwn(calls[noun]!, verb) ? calls[noun]![verb]! : undefined
  if (schema === undefined) throw new TuttiError('NOT_FOUND', `an engine cannot ask for ${noun}.${verb}`)
  const read = schema.safeParse(args)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new TuttiError('INVALID_REQUEST', `${noun}.${verb}: ${issue?.path.join('.')}: ${issue?.message}`)
}

/** Leases end by the server's clock: what an engine reckoned by its own is moved by the difference. */
function withClockOf(noun: string, verb: string, args: readonly unknown[], shiftUs: number): readonly unknown[] {
  if (shiftUs === 0) return args
  const moved = (lease: Lease): Lease => ({ ...lease, until: lease.until + shiftUs })
  switch (`${noun}.${verb}`) {
    case 'flowRuns.take':
      return [args[0], args[1], moved(args[2] as Lease)] // read by the schema of `take`
    case 'flowRuns.beat':
      return [args[0], (args[1] as number) + shiftUs] // as above
    default:
      return args
  }
}

/** An operation that cannot be read is refused by itself; all others are written. */
async function flush(orchestrator: Orchestrator, sent: readonly unknown[], shiftUs: number): Promise<readonly JournalAnswer[]> {
  const refused = new Map<number, JournalAnswer>()
  const operations: JournalOperation[] = []
  for (const [index, each] of sent.entries()) {
    const read = journalOperation.safeParse(each)
    if (read.success) operations.push(withLease(read.data as JournalOperation, shiftUs)) // the schema is that of the type, down to absent members
    else {
      const [issue] = read.error.issues
      refused.set(index, { type: 'refused', code: 'STORE_FAILED', reason: `${issue?.path.join('.')}: ${issue?.message}` })
    }
  }
  if (operations.length === 0 && sent.length > 0)
    throw new TuttiError('INVALID_REQUEST', `nothing of the flush can be read: ${reasonOf(refused)}`)
  const written = [...(await orchestrator.journal.flush(operations))]
  return refused.size === 0 ? written : sent.map((_, index) => refused.get(index) ?? written.shift()!)
}

function reasonOf(refused: ReadonlyMap<number, JournalAnswer>): string {
  const [first] = refused.values()
  return first?.type === 'refused' ? first.reason : ''
}

function withLease(operation: JournalOperation, shiftUs: number): JournalOperation {
  if (operation.type !== 'begin' || shiftUs === 0) return operation
  const { lease } = operation.run
  return { ...operation, run: { ...operation.run, lease: { ...lease, until: lease.until + shiftUs } } }
}
