import type { ReactElement } from 'react'
import { messageOf } from '../../errors.ts'
import { number } from '../../format.ts'

export interface StillLoadingProps {
  readonly loaded: number
  /** `undefined`: not counted yet. */
  readonly total: number | undefined
  /** What keeps the rest away. */
  readonly error: unknown
}

/** Laid over a view that does not have all task runs yet: nothing moves when it goes. */
export function StillLoading({ loaded, total, error }: StillLoadingProps): ReactElement {
  const share = total === undefined || total === 0 ? 0 : Math.min(1, loaded / total)
  return (
    <div
      role="status"
      className="pointer-events-none absolute bottom-3 left-1/2 z-20 w-max max-w-[calc(100%-1.5rem)] -translate-x-1/2 overflow-hidden rounded-md border border-line bg-surface text-xs shadow-raised"
    >
      <p className="tabular px-3 py-1.5 text-ink-2">
        {total === undefined ? `${number(loaded)} task runs so far` : `${number(Math.min(loaded, total))} of ${number(total)} task runs`}
        <span className="text-ink-3">{error === undefined ? ' · loading the rest' : ` · the rest waits: ${messageOf(error)}`}</span>
      </p>
      <div aria-hidden className="h-0.5 bg-line">
        <div className="h-full bg-accent" style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  )
}
