import type { LucideIcon } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'

export interface MenuItem {
  readonly label: string
  readonly icon?: LucideIcon
  /** The key that does the same. */
  readonly hint?: string
  readonly isDanger?: boolean
  readonly isDisabled?: boolean
  /** Marked as the one that is chosen. */
  readonly isChosen?: boolean
  readonly onSelect: () => void
}

/** `null` draws a line. */
export function Menu({ trigger, items }: { readonly trigger: ReactNode; readonly items: readonly (MenuItem | null)[] }): ReactElement {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[70vh] min-w-48 overflow-y-auto rounded-lg border border-line bg-surface p-1 shadow-raised"
        >
          {items.map((item, at) =>
            item === null ? (
              // oxlint-disable-next-line react/no-array-index-key -- a line has no name of its own
              <DropdownMenu.Separator key={`line-${at}`} className="my-1 h-px bg-line" />
            ) : (
              <DropdownMenu.Item
                key={item.label}
                disabled={item.isDisabled === true}
                onSelect={item.onSelect}
                className={`flex h-8 cursor-default items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-disabled:opacity-45 data-highlighted:bg-hover ${item.isDanger === true ? 'text-danger' : 'text-ink'} ${item.isChosen === true ? 'font-semibold' : ''}`}
              >
                {item.icon === undefined ? null : <item.icon aria-hidden className="size-4 shrink-0 opacity-70" />}
                <span className="flex-1 truncate">{item.label}</span>
                {item.hint !== undefined && <kbd className="font-mono text-2xs text-ink-3">{item.hint}</kbd>}
                {item.isChosen === true && <span aria-label="chosen">✓</span>}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
