import type { ReactElement, ReactNode } from 'react'
import { Failure, Loading } from '../../parts/failure.tsx'

/** One part of the page: while it is fetched, when it could not be, and then itself. The others do not wait for it. */
export function Frame({
  query: { isPending, error, data, refetch },
  heightPx,
  children,
}: {
  readonly query: {
    readonly isPending: boolean
    readonly error: Error | null
    readonly data: unknown
    readonly refetch: () => Promise<unknown>
  }
  /** Of the place that is kept for it. */
  readonly heightPx: number
  readonly children: ReactNode
}): ReactElement {
  if (error !== null && data === undefined) return <Failure error={error} onRetry={() => void refetch()} />
  if (isPending) {
    return (
      <div className="grid" style={{ minHeight: heightPx }}>
        <Loading />
      </div>
    )
  }
  return <>{children}</>
}
