import type { Condition } from '../core/condition.ts'
import { TuttiError } from '../core/errors.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Variable } from '../core/variable.ts'
import { VARIABLES_PER_PAGE_MAX } from '../core/variable-access.ts'
import type { StoredVariable, VariableAccess } from '../core/variable-access.ts'
import type { Deps } from './deps.ts'
import { offsetOf, pageOf } from './offset-cursor.ts'
import { writeAndTell } from './telling.ts'
import { tellOfVariable } from './variables.ts'

export function variableAccess(deps: Deps): VariableAccess {
  const { store, clock, ids } = deps
  const { variables } = store.tables

  return {
    find: (name) =>
      store.read(function* () {
        const variable = yield* variables.get({ name })
        return variable === undefined ? null : stored(variable)
      }),

    set: ({ id, name, value, tags, overwrite }) =>
      writeAndTell(deps, function* (told) {
        const now = clock.now()
        const known = yield* variables.get({ name })
        const variable: Variable = {
          id: id ?? ids.next(),
          name,
          createdAt: now,
          ...known,
          value: new JsonText(value),
          tags: tags ?? known?.tags ?? [],
          updatedAt: now,
        }
        if (known === undefined) yield* variables.insert(variable)
        // An id that is known already: this request comes a second time.
        else if (overwrite || known.id === id) yield* variables.save(variable)
        else throw new TuttiError('ALREADY_EXISTS', `there is a variable ${name} already`)
        yield* tellOfVariable(deps, told, known === undefined ? 'created' : 'updated', variable)
        return stored(variable)
      }),

    unset: (name) =>
      writeAndTell(deps, function* (told) {
        const variable = yield* variables.get({ name })
        if (variable === undefined) return false
        yield* variables.delete(variable.id)
        yield* tellOfVariable(deps, told, 'deleted', variable)
        return true
      }),

    page: ({ tags = [], prefix = '', limit, cursor }) =>
      store.read(function* () {
        const offset = offsetOf(cursor)
        const size = Math.min(limit, VARIABLES_PER_PAGE_MAX)
        const where: Condition[] = []
        if (tags.length > 0) where.push({ type: 'field', field: 'tags', test: { is: 'has-all', values: tags } })
        if (prefix !== '') where.push({ type: 'field', field: 'name', test: { is: 'prefix', text: prefix } })
        const found = yield* variables.list({ where: { type: 'all', of: where }, sort: 'NAME_ASC', limit: size + 1, offset })
        return pageOf(found.map(stored), size, offset)
      }),
  }
}

function stored({ value, ...variable }: Variable): StoredVariable {
  return { ...variable, value: value.text }
}
