import { canonicalText } from '../core/canonical.ts'
import { TuttiError } from '../core/errors.ts'
import { LOG_LEVELS } from '../core/log.ts'
import { processClasses } from './class-registry.ts'
import type { RunContext } from './context.ts'
import type { TaskDefinition } from './definition.ts'
import { AllowedFailure, RunFuture } from './future.ts'
import { hashText } from './hash.ts'
import type { Match } from './replay-book.ts'
import { isTaskMap } from './task-map.ts'

/** Which call of its flow run a call is, and what an earlier attempt left for it. */
export interface CallIdentity {
  readonly dynamicKey: string
  readonly ordinal: number
  /** Task runs whose futures are among the arguments. */
  readonly upstream: readonly string[]
  readonly hasFutures: boolean
  readonly match: Match | undefined
}

/**
 * Works out the identity of a call: the hash of its arguments and which of the equal calls it is, in the place where it is made; in a
 * map also its index. A future among the arguments stands for its task run, so the identity is known before its result is.
 */
export function identifyCall(context: RunContext, what: Identified, args: readonly unknown[], mapIndex: number | null): CallIdentity {
  const { active, scope } = context
  const found: Found = { upstream: [], futures: 0 }
  const ordinal = scope.nextOrdinal(what.taskKey)
  const dynamicKey = dynamicKeyOf(context, what, args, mapIndex, found)
  const match = active.book.take(what.taskKey, dynamicKey)
  if (match === undefined && active.book.size > 0) noteChange(context, what, ordinal, dynamicKey)
  return {
    dynamicKey,
    ordinal,
    upstream: found.upstream,
    hasFutures: found.futures > 0,
    match,
  }
}

/** Names a call inside its flow run; goes into the identity of calls made inside it. */
export function scopePrefixOf(taskKey: string, dynamicKey: string): string {
  return `${taskKey}\n${dynamicKey}`
}

/** What is called: a task, or a flow inside a flow. */
export interface Identified {
  readonly name: string
  readonly taskKey: string
  readonly key: TaskDefinition['key']
  readonly onChange: TaskDefinition['onChange']
  readonly waitFor: readonly unknown[]
  runName(args: readonly unknown[], ordinal: number): string
}

function dynamicKeyOf(context: RunContext, what: Identified, args: readonly unknown[], mapIndex: number | null, found: Found): string {
  const { active, scope } = context
  const replace = (value: object): string | undefined => {
    if (value instanceof RunFuture) return noteUpstream(value, found)
    if (value instanceof AllowedFailure) return noteUpstream(value.future, found)
    if (isTaskMap(value)) return value.futures.map((future) => noteUpstream(future, found)).join(' ')
    return undefined
  }
  const given = what.key === null ? canonicalText(args, replace, processClasses().dataOf) : { text: `key:${what.key(...args)}` }
  // With a key of the user's own the arguments are not read for the identity, but futures in them are still dependencies.
  if (what.key !== null) canonicalText(args, replace, processClasses().dataOf)
  for (const future of what.waitFor) if (typeof future === 'object' && future !== null) replace(future)

  if ('unhashable' in given) {
    active.log.at(
      LOG_LEVELS.warn,
      what.name,
      `task ${what.name}: its arguments cannot be compared with those of an earlier attempt (${given.unhashable}), so it runs again when the run is resumed; give the task a \`key\` to change that`,
    )
    return `unhashable.${active.engine.ids.next()}`
  }
  const place = mapIndex === null ? '' : `[${mapIndex}]`
  const hash = hashText(scope.prefix === '' ? given.text : `${scope.prefix}\n${given.text}`) + place
  const occurrence = scope.nextOccurrence(what.taskKey, hash)
  return occurrence === 0 ? hash : `${hash}.${occurrence}`
}

/** Futures met among the arguments of a call. */
interface Found {
  readonly upstream: string[]
  futures: number
}

function noteUpstream(future: RunFuture<unknown>, found: Found): string {
  found.futures += 1
  if (future.taskRunId !== null) found.upstream.push(future.taskRunId)
  return future.identity
}

/** A call that stands where an earlier attempt made one with other arguments: said, or refused, before it runs. */
function noteChange({ active }: RunContext, what: Identified, ordinal: number, dynamicKey: string): void {
  if (what.onChange === 'run' || dynamicKey.startsWith('unhashable.')) return
  const former = active.book.changed(what.taskKey, ordinal)
  // Of a run that runs another one again, with other parameters: that calls have changed is what was asked for.
  if (former === undefined || former.attempt === 0) return
  const message = `call ${ordinal + 1} of task ${what.name} has other arguments than in attempt ${former.attempt} (task run ${former.name}, ${former.id}, ${former.state.name})`
  if (what.onChange === 'fail') throw new TuttiError('TASK_CALL_CHANGED', message)
  active.log.at(LOG_LEVELS.warn, what.name, `${message}: it runs as a new task run`)
}
