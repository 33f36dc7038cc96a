import type { TestCall } from './recorder.ts'
import type { TestRun } from './test-run.ts'

/** A task, or its name. */
export type TaskReference = string | { readonly definition: { readonly name: string } }

interface Verdict {
  readonly pass: boolean
  message(): string
}

/**
 * What a test can say about a run that `tutti.run`, `resume` or `retry` returned. All of them speak of the calls made since then.
 * Register them once with `expect.extend(matchers)`; Vitest and Jest both take them. Types come with
 * `declare module 'vitest' { interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends TuttiMatchers<R> {} }`.
 */
export interface TuttiMatchers<Returned = unknown> {
  /** The run ended as Completed. */
  toHaveCompleted(): Returned
  /** The run ended as Failed; with text or a pattern also: its message says so. */
  toHaveFailed(message?: string | RegExp): Returned
  /** The task's function ran for so many calls; a call that was tried again counts once. Without a number: at least one. */
  toHaveCalled(task: TaskReference, times?: number): Returned
  /** The task's function was started so often, counting every attempt of every call. */
  toHaveAttempts(task: TaskReference, attempts: number): Returned
  /** The functions of these tasks first ran in this order; other calls in between do not matter. */
  toHaveCalledInOrder(tasks: readonly TaskReference[]): Returned
  /** Calls of the task took their result from the cache. Without a number: at least one. */
  toHaveHitCache(task: TaskReference, times?: number): Returned
  /** Calls of the task took their result from an earlier attempt of the run, their function was not called. Without a number: at least one. */
  toHaveReplayed(task: TaskReference, times?: number): Returned
}

/** For `expect.extend(matchers)`. */
export const matchers = {
  toHaveCompleted(received: unknown): Verdict {
    const run = runOf(received, 'toHaveCompleted')
    return verdict(run.state === 'completed', `flow run ${run.name} to complete`, endOf(run))
  },

  toHaveFailed(received: unknown, message?: string | RegExp): Verdict {
    const run = runOf(received, 'toHaveFailed')
    const text = run.message ?? ''
    const fits = message === undefined || (typeof message === 'string' ? text.includes(message) : message.test(text))
    const wanted = `flow run ${run.name} to fail${message === undefined ? '' : ` with ${typeof message === 'string' ? JSON.stringify(message) : String(message)}`}`
    return verdict(run.state === 'failed' && fits, wanted, endOf(run))
  },

  toHaveCalled(received: unknown, task: TaskReference, times?: number): Verdict {
    const run = runOf(received, 'toHaveCalled')
    const count = callsOf(run, task).filter((call) => call.attempts > 0).length
    return counted(run, { wanted: `to call task ${nameOf(task)}`, times, count })
  },

  toHaveAttempts(received: unknown, task: TaskReference, attempts: number): Verdict {
    const run = runOf(received, 'toHaveAttempts')
    const count = callsOf(run, task).reduce((sum, call) => sum + call.attempts, 0)
    return counted(run, { wanted: `to start task ${nameOf(task)}`, times: attempts, count })
  },

  toHaveCalledInOrder(received: unknown, tasks: readonly TaskReference[]): Verdict {
    const run = runOf(received, 'toHaveCalledInOrder')
    const wanted = tasks.map(nameOf)
    const called = run.calls.filter((call) => call.attempts > 0).map((call) => call.task)
    let found = 0
    for (const name of called) if (name === wanted[found]) found += 1
    return verdict(
      found === wanted.length,
      `flow run ${run.name} to call ${wanted.join(', ')} in this order`,
      `it called ${called.join(', ') || 'no task'}`,
    )
  },

  toHaveHitCache(received: unknown, task: TaskReference, times?: number): Verdict {
    const run = runOf(received, 'toHaveHitCache')
    const count = callsOf(run, task).filter((call) => call.cached).length
    return counted(run, { wanted: `to take the result of task ${nameOf(task)} from the cache`, times, count })
  },

  toHaveReplayed(received: unknown, task: TaskReference, times?: number): Verdict {
    const run = runOf(received, 'toHaveReplayed')
    const count = callsOf(run, task).filter((call) => call.replayed && call.attempts === 0).length
    return counted(run, { wanted: `to replay task ${nameOf(task)}`, times, count })
  },
} as const

function counted(
  run: TestRun,
  { wanted, times, count }: { readonly wanted: string; readonly times: number | undefined; readonly count: number },
): Verdict {
  const much = times === undefined ? '' : ` ${timesText(times)}`
  return verdict(
    times === undefined ? count > 0 : count === times,
    `flow run ${run.name} ${wanted}${much}`,
    `it did ${timesText(count)}; ${callList(run.calls)}`,
  )
}

function verdict(pass: boolean, wanted: string, found: string): Verdict {
  return {
    pass,
    message: () => (pass ? `expected ${wanted.replace(/ to /, ' not to ')}, but ${found}` : `expected ${wanted}, but ${found}`),
  }
}

function timesText(count: number): string {
  return count === 1 ? 'once' : `${count} times`
}

function endOf(run: TestRun): string {
  return `it is ${run.stateName}${run.message === null ? '' : `: ${run.message}`}`
}

const CALLS_SHOWN = 20

/** What happened, for the message of a failed expectation: `calls: fetch (2 attempts), clean (replayed)`. */
function callList(calls: readonly TestCall[]): string {
  if (calls.length === 0) return 'it made no calls'
  const shown = calls.slice(0, CALLS_SHOWN).map((call) => `${call.name} (${howOf(call)})`)
  const more = calls.length > CALLS_SHOWN ? ` and ${calls.length - CALLS_SHOWN} more` : ''
  return `calls: ${shown.join(', ')}${more}`
}

function howOf(call: TestCall): string {
  if (call.attempts === 0) return call.replayed ? 'replayed' : call.cached ? 'cached' : call.state
  return call.attempts === 1 ? call.state : `${call.attempts} attempts, ${call.state}`
}

function callsOf(run: TestRun, task: TaskReference): readonly TestCall[] {
  const name = nameOf(task)
  return run.calls.filter((call) => call.task === name)
}

function nameOf(task: TaskReference): string {
  return typeof task === 'string' ? task : task.definition.name
}

function runOf(received: unknown, matcher: string): TestRun {
  if (typeof received === 'object' && received !== null && 'calls' in received && 'stateName' in received) return received as TestRun // only test runs have both
  throw new TypeError(`${matcher} speaks of what tutti.run(), resume() or retry() returned; await it first`)
}
