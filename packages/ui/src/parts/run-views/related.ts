// What a task run depends on, and what depends on it.
import type { Task } from './segments.ts'

/** The task run, all that it took results of, directly or not, and all that took its result. Nothing when it is tied to nothing. */
export function relatedTo(selected: string | null, tasks: readonly Task[]): ReadonlySet<string> {
  if (selected === null) return new Set()
  const above = new Map<string, readonly string[]>()
  const below = new Map<string, string[]>()
  for (const { id, row } of tasks) {
    const causes = row.parent_task_run_id === null ? row.upstream : [...row.upstream, row.parent_task_run_id]
    if (causes.length === 0) continue
    above.set(id, causes)
    for (const cause of causes) {
      const known = below.get(cause)
      if (known === undefined) below.set(cause, [id])
      else known.push(id)
    }
  }
  const related = new Set([...reach(selected, above), ...reach(selected, below)])
  return related.size > 1 ? related : new Set()
}

function reach(from: string, steps: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set([from])
  const open = [from]
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const next of steps.get(id) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(next)
    }
  return seen
}
