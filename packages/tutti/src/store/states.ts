import type { StoredValue } from '../core/json.ts'
import { JsonText } from '../core/literal-json.ts'
import type { StateDetails } from '../core/state-details.ts'
import { isStateType } from '../core/state.ts'
import type { State } from '../core/state.ts'

/** A state as it stands in columns of a run, or in a row of its own. */
export interface StateColumns {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly timestamp: number
  readonly message: string | null
  readonly scheduledFor: number | null
  readonly details: string | null
  readonly data: string | null
}

export function toState({ id, type, name, timestamp, message, scheduledFor: due, details, data }: StateColumns): State {
  if (!isStateType(type)) throw new Error(`the store has a state of the unknown type ${type}`)
  const told = details === null && data === null ? undefined : toldOf(details, data)
  if (type === 'scheduled') return { id, type, name, timestamp, message, scheduledFor: due ?? timestamp, ...told }
  return { id, type, name, timestamp, message, ...told }
}

function toldOf(details: string | null, data: string | null): Pick<State, 'details' | 'data'> {
  return {
    ...(details === null ? undefined : { details: JSON.parse(details) as StateDetails }), // written by `detailsText` only
    ...(data === null ? undefined : { data: new JsonText(data) }),
  }
}

export function scheduledFor(state: State): number | null {
  return state.type === 'scheduled' ? state.scheduledFor : null
}

export function detailsText({ details }: State): string | null {
  return details === undefined ? null : JSON.stringify(details)
}

export function dataText({ data }: State): string | null {
  return data?.text ?? null
}

export function storedValue(format: string, text: string): StoredValue {
  return { format: format as StoredValue['format'], text } // only formats of StoredValue are written
}
