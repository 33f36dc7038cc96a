import { Select as RadixSelect, Switch as RadixSwitch } from 'radix-ui'
import { Check, ChevronDown, Search } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import type { ComponentProps, ReactElement, ReactNode } from 'react'

export const INPUT =
  'h-8 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink placeholder:text-ink-3 aria-invalid:border-danger disabled:opacity-60'

export interface FieldProps {
  readonly label: string
  readonly about?: ReactNode
  readonly error?: string | undefined
  readonly isRequired?: boolean
  /** Given the ids that tie the parts together. */
  readonly children: (ids: { readonly id: string; readonly 'aria-describedby': string; readonly 'aria-invalid': boolean }) => ReactNode
}

/** A name, what is typed, what it is for, and what is wrong with it. */
export function Field({ label, about, error, isRequired = false, children }: FieldProps): ReactElement {
  const id = useId()
  const noteId = `${id}-note`
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
        {isRequired && (
          <span aria-hidden className="text-danger">
            {' '}
            *
          </span>
        )}
      </label>
      {children({ id, 'aria-describedby': noteId, 'aria-invalid': error !== undefined })}
      <div id={noteId} className="text-xs">
        {error !== undefined ? <p className="text-danger">{error}</p> : about !== undefined && <p className="text-ink-3">{about}</p>}
      </div>
    </div>
  )
}

export function Input(props: Omit<ComponentProps<'input'>, 'className'>): ReactElement {
  return <input {...props} className={INPUT} />
}

/** Text of several lines, as it is typed: code and JSON. */
export function TextArea(props: Omit<ComponentProps<'textarea'>, 'className'>): ReactElement {
  return <textarea {...props} className={`${INPUT} h-auto py-1.5 font-mono text-xs leading-5`} />
}

const TYPING_MS = 250

/** Text that is searched for; told when typing has paused. */
export function SearchInput({
  label,
  value,
  onChange,
  shortcut = false,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** The `/` key leads here. */
  readonly shortcut?: boolean
}): ReactElement {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  // The address was changed elsewhere.
  if (known !== value) {
    setKnown(value)
    setText(value)
  }
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, value, onChange])
  return (
    <div className="relative min-w-40 flex-1">
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-3" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        {...(shortcut ? { 'data-shortcut': '/' } : undefined)}
        onChange={(event) => setText(event.target.value)}
        className={`${INPUT} pl-8`}
      />
    </div>
  )
}

export interface Option {
  readonly value: string
  readonly label: string
}

/** One of a list. */
export function Select({
  label,
  options,
  value,
  onChange,
  id,
}: {
  readonly label: string
  readonly options: readonly Option[]
  readonly value: string
  readonly onChange: (value: string) => void
  readonly id?: string
}): ReactElement {
  return (
    <RadixSelect.Root value={value} onValueChange={onChange}>
      <RadixSelect.Trigger
        {...(id === undefined ? { 'aria-label': label } : { id })}
        className="inline-flex h-8 min-w-0 items-center justify-between gap-2 rounded-md border border-line-strong bg-surface px-2.5 text-sm text-ink hover:bg-hover"
      >
        <span className="truncate">
          <RadixSelect.Value placeholder={label} />
        </span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 text-ink-3" />
      </RadixSelect.Trigger>
      <RadixSelect.Portal>
        <RadixSelect.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-80 min-w-(--radix-select-trigger-width) overflow-hidden rounded-lg border border-line bg-surface p-1 shadow-raised"
        >
          <RadixSelect.Viewport>
            {options.map(({ value: each, label: name }) => (
              <RadixSelect.Item
                key={each}
                value={each}
                className="flex h-8 cursor-default items-center gap-2 rounded-sm pr-3 pl-2 text-sm outline-none select-none data-highlighted:bg-hover"
              >
                <span className="grid size-4 place-items-center">
                  <RadixSelect.ItemIndicator>
                    <Check aria-hidden className="size-3.5" />
                  </RadixSelect.ItemIndicator>
                </span>
                <RadixSelect.ItemText>{name}</RadixSelect.ItemText>
              </RadixSelect.Item>
            ))}
          </RadixSelect.Viewport>
        </RadixSelect.Content>
      </RadixSelect.Portal>
    </RadixSelect.Root>
  )
}

/** On or off, at once. */
export function Switch({
  label,
  isOn,
  onChange,
  isDisabled = false,
  id,
}: {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly isDisabled?: boolean
  readonly id?: string
}): ReactElement {
  return (
    <RadixSwitch.Root
      {...(id === undefined ? { 'aria-label': label } : { id })}
      checked={isOn}
      disabled={isDisabled}
      onCheckedChange={onChange}
      className="relative h-5 w-9 shrink-0 rounded-full align-middle bg-ink-3 transition-colors disabled:opacity-50 data-[state=checked]:bg-accent"
    >
      <RadixSwitch.Thumb className="block size-4 translate-x-0.5 rounded-full bg-white shadow transition-transform data-[state=checked]:translate-x-4.5" />
    </RadixSwitch.Root>
  )
}
