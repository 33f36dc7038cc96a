// Fields of values that have parts.
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react'
import { useRef, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { Button, IconButton } from '../button.tsx'
import { INPUT, Select } from '../field.tsx'
import { Segmented } from '../segmented.tsx'
import { useForm } from './form-context.ts'
import type { NodeProps } from './form-context.ts'
import { inside } from './pointer.ts'
import { isObject, listOf, spotOf } from './schema.ts'
import type { Schema, Shape } from './schema.ts'
import { blankOf, startOf } from './starts.ts'
import { isEqual, variantOf } from './validate.ts'

type BranchProps<Type extends Shape['type']> = Omit<NodeProps, 'schema'> & {
  readonly schema: Schema
  readonly shape: Extract<Shape, { readonly type: Type }>
}

const INDENT = 'flex flex-col gap-3 border-l-2 border-line pl-3.5'

/** Without members that are not there. */
function changed(value: unknown, key: string, next: unknown): Readonly<Record<string, unknown>> {
  const { [key]: _, ...others } = isObject(value) ? value : {}
  if (next === undefined) return others
  // A member keeps its place.
  return isObject(value) && Object.hasOwn(value, key) ? { ...value, [key]: next } : { ...others, [key]: next }
}

export function ObjectFields({ shape, pointer, value, onChange }: BranchProps<'object'>): ReactElement {
  const { Node } = useForm()
  const members = isObject(value) ? value : {}
  const named = new Set(shape.members.map(({ key }) => key))
  const others = Object.keys(members).filter((key) => !named.has(key))
  return (
    <div className={pointer === '' ? 'flex flex-col gap-4' : INDENT}>
      {shape.members.map(({ key, schema, isRequired }) => (
        <Node
          key={key}
          schema={schema}
          name={key}
          pointer={inside(pointer, key)}
          value={members[key]}
          isRequired={isRequired}
          canBeMissing
          onChange={(next) => onChange(changed(value, key, next))}
        />
      ))}
      {others.map((key) => (
        <div key={key} className="flex items-start gap-1">
          <div className="min-w-0 flex-1">
            <Node
              schema={isObject(shape.rest) ? shape.rest : {}}
              name={key}
              pointer={inside(pointer, key)}
              value={members[key]}
              isRequired={false}
              canBeMissing
              onChange={(next) => onChange(changed(value, key, next))}
            />
          </div>
          <IconButton label={`Remove ${key}`} icon={Trash2} onClick={() => onChange(changed(value, key, undefined))} />
        </div>
      ))}
    </div>
  )
}

interface Entry {
  readonly id: number
  readonly key: string
  readonly value: unknown
}

function entriesOf(value: unknown, firstId: number): readonly Entry[] {
  return Object.entries(isObject(value) ? value : {}).map(([key, member], at) => ({ id: firstId + at, key, value: member }))
}

function objectOf(entries: readonly Entry[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(entries.flatMap(({ key, value }) => (key === '' ? [] : [[key, value] as const])))
}

/** Names that are free to choose, each with a value. */
export function MapFields({ shape, name, pointer, value, onChange }: BranchProps<'map'>): ReactElement {
  const { root, Node } = useForm()
  const [entries, setEntries] = useState(() => entriesOf(value, 0))
  const nextId = Math.max(-1, ...entries.map(({ id }) => id)) + 1
  // Names that are empty or there twice are kept here only: an object cannot hold them.
  if (!isEqual(objectOf(entries), value ?? {})) setEntries(entriesOf(value, nextId))
  const change = (next: readonly Entry[]): void => {
    setEntries(next)
    onChange(objectOf(next))
  }
  const isDouble = (entry: Entry): boolean => entries.some(({ id, key }) => key === entry.key && id < entry.id)
  return (
    <div className="flex flex-col gap-2">
      {entries.map((entry) => (
        <div key={entry.id} className="flex flex-wrap items-start gap-1.5 sm:flex-nowrap">
          <div className="w-full sm:w-44 sm:shrink-0">
            <input
              aria-label={`Name of an entry of ${name}`}
              aria-invalid={entry.key === '' || isDouble(entry)}
              placeholder="name"
              spellCheck={false}
              autoFocus={entry.key === ''}
              value={entry.key}
              onChange={(event) => change(entries.map((each) => (each.id === entry.id ? { ...each, key: event.target.value } : each)))}
              className={`${INPUT} font-mono text-xs`}
            />
            {isDouble(entry) && <p className="mt-1 text-xs text-danger">This name is there already.</p>}
          </div>
          <div className="min-w-0 flex-1">
            <Node
              schema={shape.values}
              name={entry.key === '' ? 'value' : entry.key}
              isLabelHidden
              pointer={inside(pointer, entry.key)}
              value={entry.value}
              isRequired
              canBeMissing={false}
              onChange={(next) => change(entries.map((each) => (each.id === entry.id ? { ...each, value: next } : each)))}
            />
          </div>
          <IconButton
            label={`Remove ${entry.key === '' ? 'the entry' : entry.key}`}
            icon={Trash2}
            onClick={() => change(entries.filter(({ id }) => id !== entry.id))}
          />
        </div>
      ))}
      <div>
        <Button size="small" icon={Plus} onClick={() => change([...entries, { id: nextId, key: '', value: blankOf(root, shape.values) }])}>
          Add an entry
        </Button>
      </div>
    </div>
  )
}

export function ListFields({
  schema,
  shape,
  label,
  pointer,
  value,
  onChange,
}: BranchProps<'list'> & { readonly label: string }): ReactElement {
  const { root, Node } = useForm()
  const items = listOf(value)
  const [ids, setIds] = useState<readonly number[]>(() => items.map((_, at) => at))
  // The list was changed elsewhere.
  if (ids.length !== items.length) setIds(items.map((_, at) => ids[at] ?? Math.max(-1, ...ids) + 1 + at))
  const max = schema['maxItems']
  const isFull = typeof max === 'number' && items.length >= max
  const move = (from: number, to: number): void => {
    setIds(moved(ids, from, to))
    onChange(moved(items, from, to))
  }
  const remove = (at: number): void => {
    setIds(ids.toSpliced(at, 1))
    onChange(items.toSpliced(at, 1))
  }
  const isSmall = isLeaf(spotOf(root, shape.items).shape)
  return (
    <div className="flex flex-col gap-2">
      {items.map((item, at) => (
        <Item
          key={ids[at] ?? -1 - at}
          label={`${label} ${at + 1}`}
          isSmall={isSmall}
          at={at}
          count={items.length}
          onMove={move}
          onRemove={remove}
        >
          <Node
            schema={shape.items}
            name={`${label} ${at + 1}`}
            isLabelHidden
            pointer={inside(pointer, at)}
            value={item}
            isRequired
            canBeMissing={false}
            onChange={(next) => onChange(items.with(at, next))}
          />
        </Item>
      ))}
      <div className="flex items-center gap-3 text-xs text-ink-3">
        <Button size="small" icon={Plus} disabled={isFull} onClick={() => onChange([...items, blankOf(root, shape.items)])}>
          Add an item
        </Button>
        {items.length === 0 && <span>empty list</span>}
        {isFull && <span>no more than {max}</span>}
      </div>
    </div>
  )
}

function isLeaf(shape: Shape): boolean {
  return shape.type === 'text' || shape.type === 'number' || shape.type === 'switch' || shape.type === 'choice' || shape.type === 'json'
}

function moved<Each>(list: readonly Each[], from: number, to: number): readonly Each[] {
  return list.toSpliced(from, 1).toSpliced(to, 0, ...list.slice(from, from + 1))
}

function Item({
  label,
  isSmall,
  at,
  count,
  onMove,
  onRemove,
  children,
}: {
  readonly label: string
  readonly isSmall: boolean
  readonly at: number
  readonly count: number
  readonly onMove: (from: number, to: number) => void
  readonly onRemove: (at: number) => void
  readonly children: ReactNode
}): ReactElement {
  const buttons = (
    <span className="flex shrink-0">
      <IconButton
        size={isSmall ? 'ordinary' : 'small'}
        label={`Move ${label} up`}
        icon={ArrowUp}
        disabled={at === 0}
        onClick={() => onMove(at, at - 1)}
      />
      <IconButton
        size={isSmall ? 'ordinary' : 'small'}
        label={`Move ${label} down`}
        icon={ArrowDown}
        disabled={at === count - 1}
        onClick={() => onMove(at, at + 1)}
      />
      <IconButton size={isSmall ? 'ordinary' : 'small'} label={`Remove ${label}`} icon={Trash2} onClick={() => onRemove(at)} />
    </span>
  )
  if (isSmall)
    return (
      <div className="flex items-start gap-1">
        <div className="min-w-0 flex-1">{children}</div>
        {buttons}
      </div>
    )
  return (
    <div className="rounded-md border border-line">
      <div className="flex items-center justify-between border-b border-line bg-sunken py-0.5 pr-1 pl-3 text-xs text-ink-2">
        <span className="tabular">{at + 1}</span>
        {buttons}
      </div>
      <div className="p-3">{children}</div>
    </div>
  )
}

export function TupleFields({ shape, name, pointer, value, onChange }: BranchProps<'tuple'>): ReactElement {
  const { root, Node } = useForm()
  const items = listOf(value)
  const set = (at: number, next: unknown): void => {
    const filled: readonly unknown[] = Array.from({ length: Math.max(items.length, at + 1) }, (_, index) => items[index] ?? null)
    onChange(filled.with(at, next))
  }
  const rest = items.slice(shape.items.length)
  return (
    <div className={INDENT}>
      {shape.items.map((schema, at) => (
        <Node
          // oxlint-disable-next-line react/no-array-index-key -- a place of a tuple is its index
          key={at}
          schema={schema}
          name={spotOf(root, schema).title ?? `${name} ${at + 1}`}
          pointer={inside(pointer, at)}
          value={items[at] ?? undefined}
          isRequired
          canBeMissing={false}
          onChange={(next) => set(at, next)}
        />
      ))}
      {shape.rest !== false && (
        <ListFields
          schema={{}}
          shape={{ type: 'list', items: shape.rest }}
          label={name}
          name={name}
          pointer={pointer}
          value={rest}
          isRequired
          canBeMissing={false}
          onChange={(next) => onChange([...items.slice(0, shape.items.length), ...listOf(next)])}
        />
      )}
    </div>
  )
}

const IN_SIGHT_MAX = 3
const IN_SIGHT_CHARACTERS_MAX = 36

/** One of several shapes: which one is chosen first, and what was given to the others is kept while the form is open. */
export function VariantFields({ shape, label, ...props }: BranchProps<'variants'> & { readonly label: string }): ReactElement {
  const { root, Node } = useForm()
  const { variants } = shape
  const [chosen, setChosen] = useState<number>()
  const kept = useRef(new Map<number, unknown>())
  const schemas = variants.map((each) => each.schema)
  const meant = variantOf(root, schemas, props.value) ?? 0
  const at = chosen ?? meant
  const choose = (next: number): void => {
    kept.current.set(at, props.value)
    setChosen(next)
    props.onChange(kept.current.has(next) ? kept.current.get(next) : carriedOver(root, schemas[next], props.value))
  }
  const choices = variants.map((variant, index) => ({ value: String(index), label: variant.label }))
  const isShort = variants.length <= IN_SIGHT_MAX && variants.reduce((sum, each) => sum + each.label.length, 0) <= IN_SIGHT_CHARACTERS_MAX
  const Choose = isShort ? Segmented : Select
  return (
    <div className="flex flex-col items-start gap-2">
      <Choose
        label={`Kind of ${label}`}
        choices={choices}
        options={choices}
        value={String(at)}
        onChange={(next: string) => choose(Number(next))}
      />
      <div className="w-full min-w-0">
        <Node key={at} {...props} schema={variants[at]?.schema} name={label} isLabelHidden isRequired canBeMissing={props.canBeMissing} />
      </div>
    </div>
  )
}

/** What another kind begins with: members of the same name stay where they fit. */
function carriedOver(root: unknown, schema: unknown, value: unknown): unknown {
  const start: unknown = blankOf(root, schema)
  if (!isObject(start) || !isObject(value)) return start
  const { shape } = spotOf(root, schema)
  if (shape.type !== 'object') return start
  const same = shape.members.flatMap(({ key, schema: member }) =>
    value[key] !== undefined && start[key] === undefined && spotOf(root, member).shape.type !== 'constant'
      ? [[key, value[key]] as const]
      : [],
  )
  return { ...(startOf(root, schema) as object), ...Object.fromEntries(same) } // an object, as `start` is
}
