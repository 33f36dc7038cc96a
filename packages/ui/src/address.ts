// What is chosen on a page stands in its address, so that it can be sent, kept and gone back to.
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo } from 'react'

/** What stands behind the question mark: a text, or several of one name. */
export type AddressValues = Readonly<Record<string, string | readonly string[]>>

export type AddressChanges = Readonly<Record<string, string | readonly string[] | undefined>>

export function parseAddress(text: string): AddressValues {
  const values: Record<string, string | string[]> = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const known = values[name]
    values[name] = known === undefined ? value : typeof known === 'string' ? [known, value] : [...known, value]
  }
  return values
}

export function writeAddress(values: Readonly<Record<string, unknown>>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined && each !== null && each !== '') parameters.append(name, String(each))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

export interface AddressReader {
  one(name: string): string | undefined
  all(name: string): readonly string[]
}

export interface Address extends AddressReader {
  /** Values that are `undefined` or empty go away. A step of its own in the history only where somebody went somewhere. */
  set(changes: AddressChanges, how?: { readonly isStep: boolean }): void
}

export function useAddress(): Address {
  const values = useSearch({ strict: false }) as AddressValues // read by `parseAddress`
  const navigate = useNavigate()
  const set = useCallback(
    (changes: AddressChanges, { isStep } = { isStep: false }) => {
      void navigate({
        to: '.',
        search: (before: AddressValues) => {
          const after: Record<string, string | readonly string[]> = { ...before }
          for (const [name, value] of Object.entries(changes)) {
            if (value === undefined || value.length === 0) delete after[name]
            else after[name] = value
          }
          return after
        },
        replace: !isStep,
        resetScroll: false,
      })
    },
    [navigate],
  )
  return useMemo(() => ({ ...readerOf(values), set }), [values, set])
}

export function readerOf(values: AddressValues): AddressReader {
  return {
    one(name) {
      const value = values[name]
      return typeof value === 'string' ? value : value?.[0]
    },
    all(name) {
      const value = values[name]
      return value === undefined ? [] : typeof value === 'string' ? [value] : value
    },
  }
}
