import type { FlowRun } from '../core/flow-run.ts'
import type { State } from '../core/state.ts'
import type { Tell, Told } from '../core/told.ts'
import type { Script, Store } from '../store/port.ts'

const CHANNEL = 'tutti_changed'
/** More are not named one by one: whoever hears of it looks for itself. */
const NAMED_MAX = 100

/** What another process is told: where to look. Task runs and log lines are too many for that. */
interface Hint {
  /** Flow runs that entered a state; `null`: many of all. */
  readonly runs: readonly string[] | null
  readonly events: readonly string[]
  readonly changed: readonly (readonly [noun: string, id: string])[]
}

/** Part of the transaction that made the changes: other processes on the same database hear of them when it is committed. */
export function* tellElsewhere(store: Store, told: readonly Told[]): Script<void> {
  if (store.wakes === undefined) return
  const runs = new Set<string>()
  const events: string[] = []
  const changed = new Map<string, readonly [string, string]>()
  for (const each of told) {
    if (each.type === 'flow-run') runs.add(each.run.id)
    else if (each.type === 'event') events.push(each.event.id)
    else if (each.type === 'changed') changed.set(`${each.noun} ${each.id}`, [each.noun, each.id])
  }
  const size = runs.size + events.length + changed.size
  if (size === 0) return
  const hint: Hint = size > NAMED_MAX ? MANY : { runs: [...runs], events, changed: [...changed.values()] }
  yield* store.wakes.wake(CHANNEL, JSON.stringify(hint))
}

/** Tells what other processes on the same database change, as far as they say; the returned function ends it. */
export async function hearElsewhere(store: Store, tell: Tell): Promise<() => void> {
  if (store.wakes === undefined) return () => undefined
  return store.wakes.listen(CHANNEL, (payload) => {
    const hint: Hint = payload === null ? MANY : (JSON.parse(payload) as Hint) // written by `tellElsewhere` only
    void toldOf(store, hint).then(tell, () => tell(SOMETHING))
  })
}

const MANY: Hint = { runs: null, events: [], changed: [] }

/** Whoever hears of this looks for itself. */
const SOMETHING: readonly Told[] = [
  { type: 'changed', noun: 'events', id: '' },
  { type: 'changed', noun: 'flow_runs', id: '' },
]

async function toldOf(store: Store, { runs, events, changed }: Hint): Promise<readonly Told[]> {
  const nouns = changed.map(([noun, id]): Told => ({ type: 'changed', noun, id }))
  if (runs === null) return [...SOMETHING, ...nouns]
  const happened = await store.read(() => store.tables.events.getMany(events))
  const found = await store.read(function* (): Script<readonly { run: FlowRun; states: readonly State[] }[]> {
    const all: { run: FlowRun; states: readonly State[] }[] = []
    for (const run of yield* store.tables.flowRuns.getMany(runs)) all.push({ run, states: yield* store.tables.flowRuns.states(run.id) })
    return all
  })
  return [
    ...happened.map((event): Told => ({ type: 'event', event })),
    ...found.map(({ run, states }): Told => ({ type: 'flow-run', run, from: states.at(-2) ?? null })),
    ...nouns,
  ]
}
