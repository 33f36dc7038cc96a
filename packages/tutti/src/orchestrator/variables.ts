import { TuttiError } from '../core/errors.ts'
import { RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts'
import { JsonText } from '../core/literal-json.ts'
import type { Told } from '../core/told.ts'
import type { Variable, VariableOperations, VariableRef } from '../core/variable.ts'
import type { Script } from '../store/port.ts'
import type { Deps } from './deps.ts'
import { emit, writeAndTell } from './telling.ts'

export function variableOperations(deps: Deps): VariableOperations {
  const { store, clock, ids } = deps
  const { variables, listings } = store.tables

  return {
    create: (asked) =>
      writeAndTell(deps, function* (told) {
        const now = clock.now()
        const variable: Variable = { ...asked, id: ids.next(), createdAt: now, updatedAt: now }
        if (!(yield* variables.insert(variable))) throw taken(variable.name)
        yield* tellOfVariable(deps, told, 'created', variable)
        return variable
      }),

    read: (ref) => store.read(() => found(deps, ref)),
    list: (listing) => store.read(() => variables.list(listing)),
    count: (where) => store.read(() => listings.count('variables', where)),

    update: (ref, changes) =>
      writeAndTell(deps, function* (told) {
        const variable: Variable = { ...(yield* found(deps, ref)), ...changes, updatedAt: clock.now() }
        const namesake = yield* variables.get({ name: variable.name })
        if (namesake !== undefined && namesake.id !== variable.id) throw taken(variable.name)
        yield* variables.save(variable)
        yield* tellOfVariable(deps, told, 'updated', variable)
      }),

    remove: (ref) =>
      writeAndTell(deps, function* (told) {
        const variable = yield* found(deps, ref)
        yield* variables.delete(variable.id)
        yield* tellOfVariable(deps, told, 'deleted', variable)
      }),
  }
}

function* found({ store }: Deps, ref: VariableRef): Script<Variable> {
  const variable = yield* store.tables.variables.get(ref)
  if (variable === undefined) throw new TuttiError('NOT_FOUND', `there is no variable ${'id' in ref ? ref.id : ref.name}`)
  return variable
}

function taken(name: string): TuttiError {
  return new TuttiError('ALREADY_EXISTS', `there is a variable ${name} already`)
}

/** What a variable holds is not told: events are kept, and read by whoever follows them. */
export function* tellOfVariable(
  deps: Deps,
  told: Told[],
  what: 'created' | 'updated' | 'deleted',
  { id, name, tags }: Variable,
): Script<void> {
  yield* emit(deps, told, {
    name: `prefect.variable.${what}`,
    resource: { [RESOURCE_ID]: `prefect.variable.${id}`, [RESOURCE_NAME]: name },
    payload: JsonText.of({ id, name, tags }),
  })
  told.push({ type: 'changed', noun: 'variables', id })
}
