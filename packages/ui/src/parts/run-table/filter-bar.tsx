import { ListFilter, Plus } from 'lucide-react'
import { useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { conditionsOf } from '../../run-filter.ts'
import type { RunFilter } from '../../run-filter.ts'
import { Button, buttonClass } from '../button.tsx'
import { SearchInput } from '../field.tsx'
import { Popover } from '../popover.tsx'
import { Chips } from './filter-chips.tsx'
import { FILTERS } from './filter-choices.tsx'
import type { FilterKind, FilterProps } from './filter-choices.tsx'

/** What is chosen, each with its way out, and what else can be. */
export function FilterBar({
  filter,
  fixed,
  onChange,
  onClear,
  children,
}: FilterProps & {
  /** Chosen by the page itself. */
  readonly fixed: Partial<RunFilter>
  readonly onClear: () => void
  /** At the end of the bar. */
  readonly children?: ReactNode
}): ReactElement {
  const chosen = conditionsOf(filter, fixed)
  const offered = FILTERS.filter(({ key }) => !(key in fixed))
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <SearchInput label="Name of a run" value={filter.name} onChange={(name) => onChange({ name })} shortcut />
        <div className="flex flex-wrap items-center gap-1.5">
          {offered.map(({ key, label, Choice, isAlways }) =>
            isAlways ? (
              <Popover
                key={key}
                label={label}
                trigger={
                  <button type="button" className={buttonClass('ordinary')}>
                    {label}
                    {chosen.includes(key) && <span className="size-1.5 rounded-full bg-accent" aria-label="chosen" />}
                  </button>
                }
              >
                <Choice filter={filter} onChange={onChange} />
              </Popover>
            ) : null,
          )}
          <MoreFilters filter={filter} onChange={onChange} offered={offered.filter(({ isAlways }) => !isAlways)} />
          {children}
        </div>
      </div>
      {chosen.length > 0 && (
        <ul aria-label="What is chosen" className="flex flex-wrap items-center gap-1.5">
          {chosen.map((key) => (
            <Chips key={key} name={key} filter={filter} onChange={onChange} />
          ))}
          <li>
            <Button size="small" look="quiet" onClick={onClear}>
              Clear all
            </Button>
          </li>
        </ul>
      )}
    </div>
  )
}

function MoreFilters({ filter, onChange, offered }: FilterProps & { readonly offered: readonly FilterKind[] }): ReactElement {
  const [open, setOpen] = useState<string>()
  const chosen = offered.find(({ key }) => key === open)
  return (
    <Popover
      label="More filters"
      onOpenChange={() => setOpen(undefined)}
      trigger={
        <button type="button" className={buttonClass('ordinary')}>
          <ListFilter aria-hidden className="size-3.5" />
          More
        </button>
      }
    >
      {chosen === undefined ? (
        <ul className="-m-1.5">
          {offered.map(({ key, label }) => (
            <li key={key}>
              <button
                type="button"
                onClick={() => setOpen(key)}
                className="flex h-8 w-full items-center gap-2 rounded-sm px-2 text-left text-sm hover:bg-hover"
              >
                <Plus aria-hidden className="size-3.5 text-ink-3" />
                {label}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <>
          <p className="mb-2 text-xs font-medium text-ink-3">{chosen.label}</p>
          <chosen.Choice filter={filter} onChange={onChange} />
        </>
      )}
    </Popover>
  )
}
