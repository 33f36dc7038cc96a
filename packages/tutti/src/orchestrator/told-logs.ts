import type { ToldLogOperations } from '../core/told-log.ts'
import type { Deps } from './deps.ts'
import { writeAndTell } from './telling.ts'

export function toldLogOperations(deps: Deps): ToldLogOperations {
  return {
    append: (lines) =>
      writeAndTell(deps, function* (told) {
        const records = lines.map((line) => ({ ...line, id: deps.ids.next() }))
        for (const record of records) yield* deps.store.tables.logs.append(record)
        told.push({ type: 'logs', records })
      }),
  }
}
