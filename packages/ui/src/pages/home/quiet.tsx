import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'

/** Nothing is here, and that is good or ordinary. */
export function Quiet({
  icon: Icon,
  text,
  children,
}: {
  readonly icon: LucideIcon
  readonly text: string
  readonly children?: ReactNode
}): ReactElement {
  return (
    <div className="px-4 py-5 text-sm text-ink-2">
      <p className="flex items-center gap-2">
        <Icon aria-hidden className="size-4 shrink-0 text-ink-3" />
        {text}
      </p>
      {children}
    </div>
  )
}
