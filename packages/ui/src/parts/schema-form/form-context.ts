import { createContext, useContext } from 'react'
import type { ComponentType } from 'react'
import { isWithin } from './pointer.ts'
import type { FieldErrors } from './validate.ts'

export interface NodeProps {
  readonly schema: unknown
  readonly pointer: string
  /** Of a member its key, of an element what it is one of. */
  readonly name: string
  readonly value: unknown
  readonly isRequired: boolean
  /** An element of a list is always there; a member may be missing. */
  readonly canBeMissing: boolean
  readonly isLabelHidden?: boolean
  /** `undefined` takes it away. */
  readonly onChange: (value: unknown) => void
}

/** What every field of one form knows. */
export interface FormContext {
  readonly root: unknown
  /** The field of any place: what has parts shows them with it. */
  readonly Node: ComponentType<NodeProps>
  /** Shown in any case. */
  readonly given: FieldErrors
  /** Shown where somebody has been. */
  readonly own: FieldErrors
  readonly touched: ReadonlySet<string>
  touch(pointer: string): void
}

export const SchemaFormContext = createContext<FormContext | null>(null)

export function useForm(): FormContext {
  const form = useContext(SchemaFormContext)
  if (form === null) throw new Error('a field of a schema is shown outside of its form')
  return form
}

/** What is wrong at this place, once it may be told. */
export function errorAt({ own, given, touched }: FormContext, pointer: string): string | undefined {
  return (touched.has(pointer) ? own[pointer] : undefined) ?? given[pointer]
}

/** The first thing that is wrong at this place or in it: for places that show no fields of their own. */
export function errorWithin(form: FormContext, pointer: string): string | undefined {
  const pointers = [...(form.touched.has(pointer) ? Object.keys(form.own) : []), ...Object.keys(form.given)]
  const found = pointers.find((each) => isWithin(each, pointer))
  if (found === undefined) return undefined
  const message = form.own[found] ?? form.given[found]
  return found === pointer ? message : `${found.slice(pointer.length + 1)}: ${message}`
}
