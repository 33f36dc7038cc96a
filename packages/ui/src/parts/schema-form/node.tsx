// One place of a schema: the field that fits it, or the fields of what is in it.
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { Button } from '../button.tsx'
import { ListFields, MapFields, ObjectFields, TupleFields, VariantFields } from './branches.tsx'
import { errorAt, errorWithin, useForm } from './form-context.ts'
import type { NodeProps } from './form-context.ts'
import { BlockLeaf } from './block-leaf.tsx'
import { durationWords, FORMAT_HINTS } from './formats.ts'
import { Frame } from './frame.tsx'
import type { FrameProps, Ids } from './frame.tsx'
import { ChoiceLeaf, ChoicesLeaf, JsonLeaf, NumberLeaf, SwitchLeaf, TextLeaf } from './leaves.tsx'
import { isHidden, isObject, labelOf, referredIn, shown, spotOf } from './schema.ts'
import type { Schema, Shape, Spot } from './schema.ts'
import { blankOf } from './starts.ts'

/** Longer lists are edited as what they are. */
const ITEMS_MAX = 200

export function SchemaNode(props: NodeProps): ReactElement {
  const form = useForm()
  const { schema, pointer, name, value, isRequired, canBeMissing, isLabelHidden = false, onChange } = props
  const spot = spotOf(form.root, schema)
  const { shape } = spot
  const isKnown = value === undefined || value === null || canShow(shape, value)
  const [isJson, setJson] = useState(!isKnown)
  // It stays what it is while somebody types, even when it fits on the way.
  if (!isKnown && !isJson) setJson(true)
  const fallback = spot.schema['default']
  const isFallback = value === undefined && fallback !== undefined && !isRequired
  const shownValue = isFallback ? fallback : value
  const isNull = shownValue === null && shape.type !== 'constant' && shape.type !== 'json'
  const isText = shape.type === 'text' || shape.type === 'number'
  const isKept = isHidden(spot.schema, value)
  const change = (next: unknown): void => {
    // What was emptied is not there; where nothing means another value, it is null.
    if (next !== undefined || canBeMissing) onChange(next)
    else onChange(spot.isNullable ? null : isText ? '' : null)
  }
  const canReset =
    canBeMissing && !isRequired && value !== undefined && (!isText || fallback !== undefined || isKept) && shape.type !== 'constant'
  const label = labelOf(name, spot.title)
  const isBranch = !isJson && isBranchShape(shape)
  const isShownWhole = isJson || shape.type === 'json' || (isBranch && (shownValue === undefined || isNull || isFallback))
  const frame: Omit<FrameProps, 'children'> = {
    pointer,
    label,
    name: label === name || isLabelHidden ? undefined : name,
    about: aboutOf(spot, shownValue),
    error: isShownWhole ? errorWithin(form, pointer) : errorAt(form, pointer),
    isRequired: isRequired && canBeMissing,
    isLabelHidden,
    isGroup: isBranch || shape.type === 'choices',
    nullSwitch: spot.isNullable ? { isNull, onChange: (next) => onChange(next ? null : blankOf(form.root, spot.schema)) } : undefined,
    onReset: canReset ? () => onChange(undefined) : undefined,
    fallback,
    isFallback,
  }
  const placeholder = isFallback ? shown(fallback) : isNull ? 'null' : exampleOf(spot.schema)
  if (isJson)
    return (
      <div onBlur={() => (canShow(shape, value) ? setJson(false) : undefined)}>
        <Frame {...frame}>{(ids) => <JsonLeaf ids={ids} value={value} placeholder={placeholder} onChange={change} rows={3} />}</Frame>
      </div>
    )
  if (isBranch) {
    const isOpen = !isNull && !isFallback && (value !== undefined || (isRequired && shape.type !== 'variants'))
    return (
      <Frame {...frame}>
        {() =>
          isOpen ? (
            <Branch {...props} schema={spot.schema} shape={shape} label={label} onChange={onChange} />
          ) : isNull ? null : (
            <NotSet fallback={fallback} onSet={() => onChange(blankOf(form.root, spot.schema))} />
          )
        }
      </Frame>
    )
  }
  return (
    <Frame {...frame}>
      {(ids) => (
        <Leaf
          ids={ids}
          shape={shape}
          label={label}
          value={isText && isFallback ? undefined : isNull ? undefined : shownValue}
          placeholder={placeholder}
          onChange={change}
        />
      )}
    </Frame>
  )
}

function isBranchShape(shape: Shape): boolean {
  return shape.type === 'object' || shape.type === 'map' || shape.type === 'list' || shape.type === 'tuple' || shape.type === 'variants'
}

/** Whether a field of this kind can show the value; others are shown as JSON. */
function canShow(shape: Shape, value: unknown): boolean {
  switch (shape.type) {
    case 'text':
      return typeof value === 'string'
    case 'number':
      return typeof value === 'number' || typeof value === 'string'
    case 'switch':
      return typeof value === 'boolean'
    case 'block':
      return referredIn(value) !== undefined
    case 'object':
    case 'map':
      return isObject(value) && value['__prefect_kind'] === undefined && Object.getPrototypeOf(value) === Object.prototype
    case 'list':
      return Array.isArray(value) && value.length <= ITEMS_MAX
    case 'tuple':
      return Array.isArray(value) && (shape.rest !== false || value.length <= shape.items.length)
    case 'choices':
      return Array.isArray(value)
    default:
      return true
  }
}

function Branch({
  shape,
  label,
  ...props
}: NodeProps & { readonly shape: Shape; readonly label: string; readonly schema: Schema }): ReactElement | null {
  switch (shape.type) {
    case 'object':
      return <ObjectFields {...props} shape={shape} />
    case 'map':
      return <MapFields {...props} shape={shape} />
    case 'list':
      return <ListFields {...props} shape={shape} label={label} />
    case 'tuple':
      return <TupleFields {...props} shape={shape} />
    case 'variants':
      return <VariantFields {...props} shape={shape} label={label} />
    default:
      return null
  }
}

function Leaf({
  shape,
  label,
  ...leaf
}: {
  readonly ids: Ids
  readonly shape: Shape
  readonly label: string
  readonly value: unknown
  readonly placeholder: string
  readonly onChange: (value: unknown) => void
}): ReactElement | null {
  switch (shape.type) {
    case 'text':
      return <TextLeaf {...leaf} format={shape.format} isSecret={shape.isSecret} />
    case 'number':
      return <NumberLeaf {...leaf} isWhole={shape.isWhole} />
    case 'switch':
      return <SwitchLeaf {...leaf} />
    case 'block':
      return <BlockLeaf {...leaf} label={label} slugs={shape.slugs} />
    case 'choice':
      return <ChoiceLeaf {...leaf} label={label} options={shape.options} />
    case 'choices':
      return <ChoicesLeaf {...leaf} options={shape.options} />
    case 'constant':
      return (
        <output id={leaf.ids.id} className="flex h-8 items-center font-mono text-xs text-ink-2">
          {shown(shape.value)}
        </output>
      )
    default:
      return <JsonLeaf {...leaf} />
  }
}

/** Something with parts that nobody has given yet. */
function NotSet({ fallback, onSet }: { readonly fallback: unknown; readonly onSet: () => void }): ReactElement {
  return (
    <div className="flex items-center gap-3 text-xs text-ink-3">
      <Button size="small" onClick={onSet}>
        {fallback === undefined ? 'Set' : 'Change'}
      </Button>
      <span className="min-w-0 truncate">{fallback === undefined ? 'not set' : <code className="font-mono">{shown(fallback)}</code>}</span>
    </div>
  )
}

/** What it is for, and what is expected, as far as the field does not say it itself. */
function aboutOf({ description, schema, shape }: Spot, value: unknown): ReactNode {
  const parts: string[] = []
  if (description !== undefined) parts.push(/[.!?…]$/.test(description.trimEnd()) ? description : `${description.trimEnd()}.`)
  const words = shape.type === 'text' && shape.format === 'duration' && typeof value === 'string' ? durationWords(value) : undefined
  if (words !== undefined) parts.push(`That is ${words}.`)
  else if (shape.type === 'text' && shape.format !== undefined && value === undefined) parts.push(`As ${FORMAT_HINTS[shape.format]}.`)
  const limits = limitsOf(schema, shape)
  if (limits !== undefined) parts.push(limits)
  return parts.length === 0 ? null : <p className="whitespace-pre-line text-ink-3">{parts.join(' ')}</p>
}

/** Limits that nobody chose: those of the numbers JavaScript keeps exactly. */
const SAFE = Number.MAX_SAFE_INTEGER

function limitsOf(schema: Schema, shape: Shape): string | undefined {
  const number = (key: string): number | undefined => {
    const limit = schema[key]
    return typeof limit === 'number' && Math.abs(limit) < SAFE ? limit : undefined
  }
  const range = (min: number | undefined, max: number | undefined, what: string): string | undefined => {
    if (min !== undefined && max !== undefined) return min === max ? `Exactly ${min}${what}.` : `${min} to ${max}${what}.`
    if (min !== undefined && (min > 1 || what === '')) return `At least ${min}${what}.`
    return max === undefined ? undefined : `At most ${max}${what}.`
  }
  if (shape.type === 'number') {
    const above = number('exclusiveMinimum')
    const below = number('exclusiveMaximum')
    const step = number('multipleOf')
    const parts = [
      range(number('minimum'), number('maximum'), ''),
      above === undefined ? undefined : `More than ${above}.`,
      below === undefined ? undefined : `Less than ${below}.`,
      step === undefined || step === 1 ? undefined : `In steps of ${step}.`,
    ].filter((part) => part !== undefined)
    return parts.length === 0 ? undefined : parts.join(' ')
  }
  if (shape.type === 'text') return range(number('minLength'), number('maxLength'), ' characters')
  if (shape.type === 'list') return range(number('minItems'), number('maxItems'), ' items')
  return undefined
}

function exampleOf(schema: Schema): string {
  const examples = schema['examples']
  const example: unknown = Array.isArray(examples) ? examples[0] : schema['example']
  return example === undefined ? '' : `for example ${shown(example)}`
}
