import { useQueryErrorResetBoundary } from '@tanstack/react-query'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { CircleAlert, RotateCw } from 'lucide-react'
import type { ReactElement } from 'react'
import { fixOf, messageOf } from '../errors.ts'
import { Button } from './button.tsx'

/** Something could not be shown: what went wrong, what to do, and another try. */
export function Failure({ error, onRetry }: { readonly error: unknown; readonly onRetry?: (() => void) | undefined }): ReactElement {
  const fix = fixOf(error)
  return (
    <div role="alert" className="m-(--stand-off) flex items-start gap-3 rounded-lg border border-danger/30 bg-danger-soft p-4">
      <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-medium break-words text-ink first-letter:uppercase">{messageOf(error)}</p>
        {fix !== undefined && <p className="mt-1 break-words text-ink-2">{fix}</p>}
      </div>
      {onRetry !== undefined && (
        <Button size="small" icon={RotateCw} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** What a route shows instead of a page that failed. */
export function RouteFailure({ error, reset }: ErrorComponentProps): ReactElement {
  const { reset: resetQueries } = useQueryErrorResetBoundary()
  return (
    <Failure
      error={error}
      onRetry={() => {
        resetQueries()
        reset()
      }}
    />
  )
}

/** While something is fetched: quiet, and only when it takes a while. */
export function Loading(): ReactElement {
  return (
    <div
      role="status"
      aria-label="Loading"
      className="grid flex-1 place-items-center p-12 [animation:appear_200ms_ease-out_300ms_backwards]"
    >
      <span className="size-5 animate-[turn_800ms_linear_infinite] rounded-full border-2 border-line-strong border-t-accent" />
    </div>
  )
}
