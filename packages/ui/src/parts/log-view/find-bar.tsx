import { ChevronDown, ChevronUp } from 'lucide-react'
import type { KeyboardEvent, ReactElement } from 'react'
import { number } from '../../format.ts'
import { IconButton } from '../button.tsx'
import { SearchInput } from '../field.tsx'

export interface FindBarProps {
  readonly text: string
  readonly onText: (text: string) => void
  /** Lines that have it, as far as is known. */
  readonly total: number
  /** Which of them is shown, from 0; `undefined`: none yet. */
  readonly at: number | undefined
  /** There may be more than were counted. */
  readonly hasMore?: boolean
  readonly isLooking?: boolean
  readonly onStep: (by: 1 | -1) => void
}

/** Finds in a whole log; Enter goes to the next hit, Shift Enter to the one before. */
export function FindBar({ text, onText, total, at, hasMore = false, isLooking = false, onStep }: FindBarProps): ReactElement {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || text === '') return
    event.preventDefault()
    onStep(event.shiftKey ? -1 : 1)
  }
  const count = `${at === undefined ? '' : `${number(at + 1)} of `}${number(total)}${hasMore ? '+' : ''}`
  return (
    <div role="search" onKeyDown={onKeyDown} className="flex min-w-44 flex-1 items-center gap-1">
      <SearchInput label="Find in the whole log" value={text} onChange={onText} shortcut />
      {text !== '' && (
        <>
          <span role="status" className="tabular min-w-14 px-1 text-right text-xs whitespace-nowrap text-ink-2">
            {isLooking ? '…' : total === 0 ? 'no hit' : count}
          </span>
          <IconButton label="Previous hit" icon={ChevronUp} size="small" disabled={total === 0} onClick={() => onStep(-1)} />
          <IconButton label="Next hit" icon={ChevronDown} size="small" disabled={total === 0} onClick={() => onStep(1)} />
        </>
      )}
    </div>
  )
}
