import { Braces, TextCursorInput } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { Segmented } from '../segmented.tsx'
import { ObjectFields } from './branches.tsx'
import { errorAt, SchemaFormContext, useForm } from './form-context.ts'
import type { FormContext } from './form-context.ts'
import { Frame } from './frame.tsx'
import { JsonLeaf } from './leaves.tsx'
import { SchemaNode } from './node.tsx'
import { isObject, spotOf } from './schema.ts'
import { Unreadable } from './unreadable.ts'
import { validateAgainst } from './validate.ts'
import type { FieldErrors } from './validate.ts'

interface SchemaFormProps {
  readonly schema: unknown
  /** Holds what was typed also where it does not fit; `validateAgainst` tells whether it may be used. */
  readonly value: unknown
  readonly onChange: (value: unknown) => void
  /** Shown in any case, at their places: what the server found, or everything once somebody has asked for it. What the form finds itself is shown where somebody has been. */
  readonly errors?: FieldErrors
  /** What the values are: `Parameters`. */
  readonly label?: string
}

const NO_ERRORS: FieldErrors = {}

/** A form made from a JSON Schema, and the same as JSON. */
export function SchemaForm({ schema, value, onChange, errors = NO_ERRORS, label = 'Parameters' }: SchemaFormProps): ReactElement {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [isRaw, setRaw] = useState(false)
  const own = useMemo(() => validateAgainst(schema, value), [schema, value])
  const form = useMemo<FormContext>(
    () => ({
      root: schema,
      Node: SchemaNode,
      given: errors,
      own,
      touched,
      touch: (pointer) => setTouched((before) => (before.has(pointer) ? before : new Set([...before, pointer]))),
    }),
    [schema, errors, own, touched],
  )
  const spot = useMemo(() => spotOf(schema, schema), [schema])
  const isBroken = value instanceof Unreadable
  const hasFields = spot.shape.type !== 'json'
  return (
    <SchemaFormContext value={form}>
      <div className="flex flex-col gap-3">
        <div className="flex min-h-8 flex-wrap items-center justify-between gap-2">
          <h3 className="text-sm font-semibold">{label}</h3>
          {hasFields && (
            <Segmented
              label={`How ${label.toLowerCase()} are given`}
              choices={[
                { value: 'form', label: 'Form', icon: TextCursorInput },
                { value: 'json', label: 'JSON', icon: Braces },
              ]}
              value={isRaw || isBroken ? 'json' : 'form'}
              onChange={(next) => setRaw(next === 'json' || isBroken)}
            />
          )}
        </div>
        {isRaw || isBroken || !hasFields ? (
          <Raw label={label} value={value} onChange={onChange} />
        ) : spot.shape.type === 'object' && (value === undefined || isObject(value)) ? (
          <>
            <Elsewhere value={value} keys={spot.shape.members.map(({ key }) => key)} />
            {spot.shape.members.length === 0 && Object.keys(value ?? {}).length === 0 && (
              <p className="text-sm text-ink-3">There is nothing to fill in.</p>
            )}
            <ObjectFields
              schema={spot.schema}
              shape={spot.shape}
              name={label}
              pointer=""
              value={value}
              isRequired
              canBeMissing={false}
              onChange={onChange}
            />
          </>
        ) : (
          <SchemaNode
            schema={schema}
            name={label}
            isLabelHidden
            pointer=""
            value={value}
            isRequired
            canBeMissing={false}
            onChange={onChange}
          />
        )}
      </div>
    </SchemaFormContext>
  )
}

/** What is wrong with the whole, or with what has no field here. */
function Elsewhere({ value, keys }: { readonly value: unknown; readonly keys: readonly string[] }): ReactElement | null {
  const form = useForm()
  const fields = new Set([...keys, ...Object.keys(isObject(value) ? value : {})])
  const pointers = Object.keys(form.given).filter((pointer) => {
    const first = pointer.split('/')[1]
    return first === undefined || !fields.has(first.replaceAll('~1', '/').replaceAll('~0', '~'))
  })
  const messages = [
    ...new Set([errorAt(form, ''), ...pointers.map((pointer) => `${pointer.slice(1)}${pointer === '' ? '' : ': '}${form.given[pointer]}`)]),
  ]
  const shown = messages.filter((message) => message !== undefined)
  if (shown.length === 0) return null
  return (
    <div role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm text-danger">
      {shown.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </div>
  )
}

function Raw({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: unknown
  readonly onChange: (value: unknown) => void
}): ReactElement {
  const form = useForm()
  const found = { ...form.given, ...(form.touched.has('') ? form.own : undefined) }
  const errors = Object.entries(found).filter(([pointer]) => pointer !== '')
  return (
    <>
      <Frame pointer="" label={label} isLabelHidden error={errorAt(form, '')} isRequired={false} isFallback={false}>
        {(ids) => <JsonLeaf ids={ids} value={value} placeholder="{}" onChange={onChange} rows={8} />}
      </Frame>
      {errors.length > 0 && (
        <ul aria-label="What is wrong" className="flex flex-col gap-1 text-xs">
          {errors.map(([pointer, message]) => (
            <li key={pointer} className="text-danger">
              <code className="font-mono">{pointer.slice(1)}</code>: {message}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
