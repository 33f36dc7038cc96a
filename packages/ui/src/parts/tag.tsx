import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'

/** Leads to what carries the same tag; a long one is cut, and says all of itself beside the pointer. */
export function TagLink({ tag, to }: { readonly tag: string; readonly to: '/runs' | '/deployments' }): ReactElement {
  return (
    <Link
      to={to}
      search={{ tag }}
      title={tag}
      className="max-w-48 truncate rounded-sm border border-line bg-surface px-1.5 text-xs leading-4.5 text-ink-2 hover:border-line-strong hover:text-ink"
    >
      {tag}
    </Link>
  )
}
