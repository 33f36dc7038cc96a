import { cacheKey } from '../core/cache.ts'
import type { CachePolicy } from '../core/cache.ts'
import { LOG_LEVELS } from '../core/log.ts'
import { processClasses } from './class-registry.ts'
import type { TaskDefinition } from './definition.ts'
import { isSecret } from '../core/secret.ts'
import { hashText } from './hash.ts'
import { holdsSecret } from './secret-mask.ts'

/** What the key needs of the flow run in which the call is made. */
export interface CachingRun {
  readonly run: { readonly id: string }
  readonly parameters: unknown
  readonly log: { at(level: number, logger: string, message: string): void }
}

/** The key under which a call's result stands in the cache; `null` when this call has none. Throws what the user's key function throws. */
export function cacheKeyOf(
  policy: CachePolicy,
  definition: Pick<TaskDefinition, 'name' | 'taskKey' | 'fn'>,
  args: readonly unknown[],
  active: CachingRun,
): string | null {
  const facts = {
    taskName: definition.name,
    taskKey: definition.taskKey,
    taskSource: policy.by.includes('task-source') ? String(definition.fn) : '',
    args,
    flowParameters: active.parameters,
    flowRunId: active.run.id,
  }
  const made = cacheKey(policy, facts, dataOf)
  switch (made.type) {
    case 'key':
      // It stands in the store as it is.
      return holdsSecret(made.key) ? hashText(made.key) : made.key
    case 'text':
      return hashText(made.text)
    case 'none':
      if (made.reason !== null) {
        active.log.at(LOG_LEVELS.warn, definition.name, `task ${definition.name}: a call is not cached, as ${made.reason}`)
      }
      return null
  }
}

/** What one token gave is no answer for another: secrets count by their values, of which the key holds a hash only. */
function dataOf(value: object): { readonly name: string; readonly data: unknown } | undefined {
  return isSecret(value) ? { name: 'Secret', data: hashText(value.reveal()) } : processClasses().dataOf(value)
}
