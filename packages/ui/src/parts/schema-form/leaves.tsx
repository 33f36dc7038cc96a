// Fields of one value each.
import { CalendarDays, Eye, EyeOff } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import type { ComponentProps, ReactElement, ReactNode } from 'react'
import { IconButton } from '../button.tsx'
import { INPUT, Select, Switch } from '../field.tsx'
import { Segmented } from '../segmented.tsx'
import { tidyDuration, tidyMoment } from './formats.ts'
import type { Ids } from './frame.tsx'
import { HIDDEN, shown } from './schema.ts'
import type { Option, TextFormat } from './schema.ts'
import { useTypedText } from './typed-text.ts'
import { parseJson, writeJson } from './unreadable.ts'
import { isEqual } from './validate.ts'

const AREA = `${INPUT} h-auto min-h-8 py-1.5 field-sizing-content max-h-72 resize-y leading-5`
/** Wide enough for what is typed there, not for the whole window. */
const NARROW = 'max-w-sm'

interface LeafProps {
  readonly ids: Ids
  readonly value: unknown
  readonly placeholder: string
  /** `undefined` when nothing is there. */
  readonly onChange: (value: unknown) => void
}

interface TextLeafProps extends LeafProps {
  readonly format: TextFormat | undefined
  readonly isSecret: boolean
}

export function TextLeaf({ format, isSecret, ...leaf }: TextLeafProps): ReactElement {
  if (isSecret) return <SecretLeaf {...leaf} />
  if (format === 'date-time' || format === 'date' || format === 'time') return <WhenLeaf format={format} {...leaf} />
  if (format !== undefined) return <LineLeaf format={format} {...leaf} />
  const { ids, value, placeholder, onChange } = leaf
  return (
    // Texts may have lines: a field of one line would take them away when they are pasted.
    <textarea
      {...ids}
      rows={1}
      spellCheck={false}
      value={asText(value)}
      placeholder={placeholder}
      onChange={(event) => onChange(given(event.target.value))}
      className={AREA}
    />
  )
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function given(text: string): string | undefined {
  return text === '' ? undefined : text
}

const KINDS: Readonly<Record<'email' | 'uri' | 'uuid' | 'duration', ComponentProps<'input'>>> = {
  email: { inputMode: 'email', autoComplete: 'off' },
  uri: { inputMode: 'url', autoComplete: 'off' },
  uuid: { autoComplete: 'off' },
  duration: { autoComplete: 'off' },
}

function LineLeaf({ ids, value, placeholder, onChange, format }: LeafProps & { readonly format: keyof typeof KINDS }): ReactElement {
  const text = asText(value)
  const tidy = (): void => {
    const next = format === 'duration' ? tidyDuration(text) : text.trim()
    if (next !== text) onChange(given(next))
  }
  return (
    <input
      {...ids}
      {...KINDS[format]}
      spellCheck={false}
      value={text}
      placeholder={placeholder}
      onChange={(event) => onChange(given(event.target.value))}
      onBlur={tidy}
      className={`${INPUT} ${format === 'uri' ? '' : NARROW}`}
    />
  )
}

/** Typed, never shown by itself. One that is kept already stays as it is until something is typed. */
function SecretLeaf({ ids, value, placeholder, onChange }: LeafProps): ReactElement {
  const [isSeen, setSeen] = useState(false)
  const [isKept] = useState(value === HIDDEN)
  const input = useRef<HTMLInputElement>(null)
  const text = value === HIDDEN && isKept ? '' : asText(value)
  // As a property, not as an attribute: what is typed stands nowhere in the page.
  useLayoutEffect(() => {
    if (input.current !== null && input.current.value !== text) input.current.value = text
  }, [text])
  return (
    <div className={`flex gap-1 ${NARROW}`}>
      <input
        {...ids}
        ref={input}
        type={isSeen ? 'text' : 'password'}
        autoComplete="new-password"
        spellCheck={false}
        placeholder={value === HIDDEN && isKept ? `${HIDDEN} stays as it is` : placeholder}
        onChange={(event) => onChange(given(event.target.value) ?? (isKept ? HIDDEN : undefined))}
        className={INPUT}
      />
      <IconButton label={isSeen ? 'Hide it' : 'Show it'} icon={isSeen ? EyeOff : Eye} onClick={() => setSeen(!isSeen)} />
    </div>
  )
}

const PICKERS = { 'date-time': 'datetime-local', date: 'date', time: 'time' } as const

/** Typed as it is written, or picked. */
function WhenLeaf({ ids, value, placeholder, onChange, format }: LeafProps & { readonly format: keyof typeof PICKERS }): ReactElement {
  const picker = useRef<HTMLInputElement>(null)
  const text = asText(value)
  const tidy = (): void => {
    if (format === 'date-time' && text !== '') onChange(tidyMoment(text))
  }
  return (
    <div className={`relative flex gap-1 ${NARROW}`}>
      <input
        {...ids}
        spellCheck={false}
        autoComplete="off"
        value={text}
        placeholder={placeholder}
        onChange={(event) => onChange(given(event.target.value))}
        onBlur={tidy}
        className={`${INPUT} tabular`}
      />
      <input
        ref={picker}
        type={PICKERS[format]}
        step={format === 'date' ? undefined : 1}
        tabIndex={-1}
        aria-hidden
        value={pickable(text, format)}
        onChange={(event) => onChange(given(format === 'date-time' ? tidyMoment(event.target.value) : event.target.value))}
        className="pointer-events-none absolute right-0 bottom-0 h-8 w-8 opacity-0"
      />
      <IconButton
        label={format === 'time' ? 'Pick a time' : 'Pick a date'}
        icon={CalendarDays}
        onClick={() => picker.current?.showPicker()}
      />
    </div>
  )
}

function pickable(text: string, format: keyof typeof PICKERS): string {
  if (format !== 'date-time') return text
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

function readNumber(text: string): unknown {
  const plain = text.trim()
  if (plain === '') return undefined
  return NUMBER.test(plain) ? Number(plain) : text
}

function writeNumber(value: unknown): string {
  return typeof value === 'number' ? String(value) : asText(value)
}

export function NumberLeaf({ ids, value, placeholder, onChange, isWhole }: LeafProps & { readonly isWhole: boolean }): ReactElement {
  const [text, setText] = useTypedText(value, { read: readNumber, write: writeNumber })
  return (
    <input
      {...ids}
      inputMode={isWhole ? 'numeric' : 'decimal'}
      autoComplete="off"
      value={text}
      placeholder={placeholder}
      onChange={(event) => {
        setText(event.target.value)
        onChange(readNumber(event.target.value))
      }}
      className={`${INPUT} ${NARROW} tabular`}
    />
  )
}

export function SwitchLeaf({ ids, value, onChange }: LeafProps): ReactElement {
  return (
    <span className="flex h-8 items-center gap-2.5 text-sm text-ink-2">
      <Switch id={ids.id} label="" isOn={value === true} onChange={onChange} />
      <span aria-hidden className="font-mono text-xs">
        {value === true ? 'true' : value === false ? 'false' : 'not set'}
      </span>
    </span>
  )
}

const IN_SIGHT_MAX = 4
const IN_SIGHT_CHARACTERS_MAX = 32

/** One of a list; a few short ones are all in sight. */
export function ChoiceLeaf({
  ids,
  label,
  value,
  placeholder,
  onChange,
  options,
}: LeafProps & { readonly label: string; readonly options: readonly Option[] }): ReactElement {
  const at = options.findIndex((option) => isEqual(option.value, value))
  const choices = options.map((option, index) => ({ value: String(index), label: option.label }))
  const choose = (index: string): void => onChange(options[Number(index)]?.value)
  const isShort = options.length <= IN_SIGHT_MAX && options.reduce((sum, option) => sum + option.label.length, 0) <= IN_SIGHT_CHARACTERS_MAX
  if (isShort && (at !== -1 || value === undefined || value === null))
    return (
      <div>
        <Segmented label={label} choices={choices} value={at === -1 ? '' : String(at)} onChange={choose} />
      </div>
    )
  return (
    <div className={`flex *:w-full ${NARROW}`}>
      <Select
        id={ids.id}
        label={at === -1 && value !== undefined && value !== null ? shown(value) : placeholder === '' ? 'Choose' : placeholder}
        options={choices}
        value={at === -1 ? '' : String(at)}
        onChange={choose}
      />
    </div>
  )
}

export function ChoicesLeaf({ value, onChange, options }: Omit<LeafProps, 'ids'> & { readonly options: readonly Option[] }): ReactElement {
  const chosen = Array.isArray(value) ? (value as readonly unknown[]) : [] // what was parsed
  const toggle = (option: Option): void => {
    const isChosen = chosen.some((each) => isEqual(each, option.value))
    // In the order of the options, whatever was clicked first.
    onChange(
      options.flatMap((each) => ((each === option ? !isChosen : chosen.some((one) => isEqual(one, each.value))) ? [each.value] : [])),
    )
  }
  return (
    <div className="flex flex-wrap gap-x-5 gap-y-1.5 py-1">
      {options.map((option) => (
        <label key={shown(option.value)} className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={chosen.some((each) => isEqual(each, option.value))}
            onChange={() => toggle(option)}
            className="size-4 accent-(--accent)"
          />
          {option.label}
        </label>
      ))}
    </div>
  )
}

export function JsonLeaf({
  ids,
  value,
  placeholder,
  onChange,
  rows = 1,
  after,
}: LeafProps & { readonly rows?: number; readonly after?: ReactNode }): ReactElement {
  const [text, setText] = useTypedText(value, { read: parseJson, write: writeJson })
  return (
    <>
      <textarea
        {...ids}
        rows={rows}
        spellCheck={false}
        value={text}
        placeholder={placeholder === '' ? 'JSON' : placeholder}
        onChange={(event) => {
          setText(event.target.value)
          onChange(parseJson(event.target.value))
        }}
        className={`${AREA} max-h-[60vh] font-mono text-xs`}
      />
      {after}
    </>
  )
}
