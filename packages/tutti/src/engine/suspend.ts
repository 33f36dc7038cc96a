import { TuttiError } from '../core/errors.ts'
import type { FlowRun, FlowRunCommand } from '../core/flow-run.ts'
import { elapsedMs } from '../core/time.ts'
import type { Instant } from '../core/time.ts'
import { formatEnd } from '../core/wait.ts'
import type { ActiveRun } from './active-run.ts'
import { giveUp } from './give-up.ts'

/** How often it is looked whether a run is at rest. Twice in a row nothing may have happened: code between two calls is not at rest. */
const LOOK_MS = 500

/** A run in which nothing is left to do but to wait, and what is known of that. */
interface Rest {
  /** The run and its sub-flow runs, each before those it called. */
  readonly runs: readonly { readonly active: ActiveRun; readonly until: Instant }[]
  /** When the first wait ends. */
  readonly until: Instant
  /** Grows with everything that happens. */
  readonly events: number
}

const watched = new WeakSet<ActiveRun>()

/**
 * Gives the process back as soon as the tree of runs around `active` only waits, and for long. Only of a run that a worker can start again: one of
 * a deployment.
 */
export function watchRest(active: ActiveRun): void {
  const root = rootOf(active)
  if ((root.run.dispatch?.deploymentId ?? null) === null || watched.has(root)) return
  watched.add(root)
  look(root, undefined)
}

function rootOf(active: ActiveRun): ActiveRun {
  let root = active
  while (root.parent !== null) root = root.parent.active
  return root
}

function look(root: ActiveRun, former: Rest | undefined): void {
  const { clock } = root.engine
  clock.timer(LOOK_MS, () => {
    if (root.ended || root.halt !== undefined) return
    const rest = restOf(root)
    const isLong = rest !== undefined && elapsedMs(clock.now(), rest.until) > root.waitInProcessMs
    if (!isLong) return look(root, undefined)
    if (former?.events !== rest.events) return look(root, rest)
    void suspend(root, rest).then((isDone) => {
      if (!isDone) look(root, undefined)
    })
  })
}

function restOf(active: ActiveRun): Rest | undefined {
  const { open, hooks, delivery, room, halt } = active
  if (halt !== undefined || active.isClosed || hooks.size > 0 || delivery.pending > 0 || !room.isQuiet || open.size === 0) return undefined
  const below: Rest['runs'][number][] = []
  let until = Infinity
  let events = active.numberTaken
  for (const call of open) {
    const resting = call.resting ?? null
    if (resting === null) return undefined
    if (resting.type === 'wait') {
      until = Math.min(until, resting.until)
      continue
    }
    const rest = restOf(resting.active)
    if (rest === undefined) return undefined
    until = Math.min(until, rest.until)
    events += rest.events
    below.push(...rest.runs)
  }
  return { runs: [{ active, until }, ...below], until, events }
}

/** `false`: the run does not stand as it did any more, so its process stays. */
async function suspend(root: ActiveRun, { runs }: Rest): Promise<boolean> {
  for (const { active } of runs) active.freeze()
  const [first, ...others] = runs
  if (first === undefined) return false
  const left = await leave(first).catch((error: unknown) => root.break(error))
  if (left === undefined) {
    for (const { active } of runs) active.thaw()
    return false
  }
  // From here on the run is nobody's: what is below it follows, or is told to have been left, so that the next process takes it over.
  let isWoken = false
  for (const each of others) {
    const child = await leave(each).catch(() => undefined)
    if (child === undefined) {
      await giveUp(root.engine, each.active.run.id, { message: 'its parent gave its process back', mine: each.active })
      isWoken = true
    }
    each.active.suspend(child ?? each.active.run)
  }
  if (isWoken) await root.engine.orchestrator.flowRuns.command(root.run.id, { type: 'wake' }).catch(() => undefined)
  root.suspend(left)
  return true
}

async function leave({ active, until }: Rest['runs'][number]): Promise<FlowRun | undefined> {
  const { engine, run, room } = active
  const pause = room.pause(until)
  const sleeps = room.waits.size === 0 ? 'waits for a sub-flow run, at most' : 'sleeps'
  const message = pause === null ? `${sleeps} until ${formatEnd(until)}` : (run.state.message ?? '')
  const command: FlowRunCommand = { type: 'suspend', until, pause, message }
  const answer = await engine.journal.write({ type: 'command', flowRunId: run.id, attempt: run.attempt, command, parent: null })
  if (answer.type === 'run') return answer.run
  if (answer.type === 'refused' && answer.code === 'TRANSITION_REJECTED') return undefined
  throw new TuttiError('FENCED', `flow run ${run.name} (${run.id}) could not give its process back`)
}
