import { useEffect, useRef } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { Tabs as Radix } from 'radix-ui'
import { number } from '../format.ts'

export interface Tab {
  readonly id: string
  readonly label: string
  /** How many things are behind it. */
  readonly count?: number | undefined
  readonly content: ReactNode
}

/** One of several views; which one is the caller's to keep, in the address. */
export function Tabs({
  tabs,
  value,
  onChange,
  label,
}: {
  readonly tabs: readonly Tab[]
  readonly value: string
  readonly onChange: (id: string) => void
  readonly label: string
}): ReactElement {
  const list = useRef<HTMLDivElement>(null)
  // Counts that come make tabs wider.
  const counts = tabs.map(({ count }) => count).join(' ')
  // Where not all of them fit, the chosen one is in sight.
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>('[data-state=active]')
    if (list.current === null || chosen === null || chosen === undefined) return
    const { offsetLeft: from, offsetWidth } = chosen
    const { scrollLeft, clientWidth } = list.current
    if (from < scrollLeft) list.current.scrollLeft = from
    else if (from + offsetWidth > scrollLeft + clientWidth) list.current.scrollLeft = from + offsetWidth - clientWidth
  }, [value, counts])
  return (
    <Radix.Root value={value} onValueChange={onChange} className="flex min-h-0 min-w-0 flex-1 flex-col">
      <Radix.List
        ref={list}
        aria-label={label}
        className="relative flex shrink-0 gap-4 overflow-x-auto border-b border-line [scrollbar-width:none]"
      >
        {tabs.map(({ id, label: name, count }) => (
          <Radix.Trigger
            key={id}
            value={id}
            className="-mb-px flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-0.5 text-sm -outline-offset-2 text-ink-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {name}
            {count !== undefined && <span className="tabular rounded-full bg-sunken px-1.5 text-2xs text-ink-3">{number(count)}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ id, content }) => (
        <Radix.Content key={id} value={id} className="min-h-0 min-w-0 flex-1 outline-none">
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  )
}
