import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useEffect } from 'react'
import type { ReactElement, ReactNode } from 'react'

export interface Crumb {
  readonly label: string
  /** An address of the router. */
  readonly to: string
}

export interface PageProps {
  readonly title: string
  readonly crumbs?: readonly Crumb[]
  /** Beside the title: a state, a count. */
  readonly beside?: ReactNode
  readonly actions?: ReactNode
  /** Below the title, quiet. */
  readonly about?: ReactNode
  readonly children: ReactNode
  /** It fills the window and scrolls inside. */
  readonly isFilling?: boolean
}

/** A page: where one is, what it is, what can be done, and the thing itself. */
export function Page({ title, crumbs = [], beside, actions, about, children, isFilling = false }: PageProps): ReactElement {
  useEffect(() => {
    document.title = `${title} · Tutti`
  }, [title])
  return (
    <div className={`mx-auto flex w-full max-w-[1600px] flex-col gap-4 p-4 md:px-6 md:py-5 ${isFilling ? 'min-h-0 flex-1' : ''}`}>
      <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        {/* What can be done stays beside a long title; on a narrow screen it is below what there is to read. */}
        <div className={`min-w-0 flex-1 ${about === undefined ? 'basis-40' : 'basis-full sm:basis-40'}`}>
          {crumbs.length > 0 && (
            <nav aria-label="Where this is" className="mb-0.5 flex flex-wrap items-center gap-1 text-xs text-ink-3">
              {crumbs.map(({ label, to }) => (
                <span key={to} className="flex min-w-0 items-center gap-1">
                  <Link to={to} className="max-w-60 truncate hover:text-ink hover:underline">
                    {label}
                  </Link>
                  <ChevronRight aria-hidden className="size-3" />
                </span>
              ))}
            </nav>
          )}
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 title={title} className="line-clamp-2 min-w-0 text-xl font-semibold tracking-tight wrap-anywhere">
              {title}
            </h1>
            {beside}
          </div>
          {about !== undefined && <div className="mt-1 text-sm text-ink-2">{about}</div>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A part of a page with a heading of its own. */
export function Section({
  title,
  actions,
  children,
  isBare = false,
}: {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
  /** Without the frame: what is inside has its own. */
  readonly isBare?: boolean
}): ReactElement {
  return (
    <section aria-label={title} className={isBare ? 'min-w-0' : 'min-w-0 rounded-lg border border-line bg-surface'}>
      <div className={`flex min-h-11 flex-wrap items-center justify-between gap-2 ${isBare ? 'pb-2' : 'border-b border-line px-4 py-1.5'}`}>
        <h2 className="text-sm font-semibold">{title}</h2>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-1.5">{actions}</div>}
      </div>
      {children}
    </section>
  )
}
