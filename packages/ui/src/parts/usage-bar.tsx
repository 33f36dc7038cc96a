import type { ReactElement } from 'react'
import { number } from '../format.ts'

/** How much of a limit is taken, as a bar and in numbers; `null` is no limit. */
export function UsageBar({
  taken,
  limit,
  label,
}: {
  readonly taken: number
  readonly limit: number | null
  readonly label: string
}): ReactElement {
  const share = limit === null || limit === 0 ? 0 : Math.min(1, taken / limit)
  return (
    <span className="flex w-full max-w-44 items-center gap-2">
      {limit !== null && (
        <span
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={taken}
          className="h-1.5 min-w-8 flex-1 overflow-hidden rounded-full bg-line"
        >
          <span
            className="block h-full rounded-full"
            style={{ width: `${share * 100}%`, background: share >= 1 ? 'var(--state-late)' : 'var(--state-running)' }}
          />
        </span>
      )}
      <span className="tabular shrink-0 text-xs text-ink-2">
        {number(taken)}
        {limit === null ? ' · no limit' : ` of ${number(limit)}`}
      </span>
    </span>
  )
}
