import { ToggleGroup } from 'radix-ui'
import type { LucideIcon } from 'lucide-react'
import type { ReactElement } from 'react'

export interface Choice<Value extends string> {
  readonly value: Value
  readonly label: string
  readonly icon?: LucideIcon
}

/** A few choices that exclude each other, all in sight. */
export function Segmented<Value extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  readonly label: string
  readonly choices: readonly Choice<Value>[]
  readonly value: Value
  readonly onChange: (value: Value) => void
}): ReactElement {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      // An empty value is the choice that was clicked again.
      onValueChange={(next) => (next === '' ? undefined : onChange(next as Value))} // of the choices below
      className="inline-flex shrink-0 rounded-md border border-line bg-sunken p-0.5"
    >
      {choices.map(({ value: each, label: name, icon: Icon }) => (
        <ToggleGroup.Item
          key={each}
          value={each}
          className="inline-flex h-6.5 items-center gap-1.5 rounded-sm px-2.5 text-xs font-medium text-ink-2 hover:text-ink data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-sm"
        >
          {Icon !== undefined && <Icon aria-hidden className="size-3.5" />}
          {name}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
