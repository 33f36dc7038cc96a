import type { ReactElement } from 'react'
import { number } from '../../format.ts'
import { colorOf, TONES } from '../../states.ts'
import { BAR_TONES } from './bars.ts'
import type { Bar } from './bars.ts'

/** What the colours of bars mean, of those that are there, and how many runs each has. */
export function BarsLegend({ bars }: { readonly bars: readonly Bar[] }): ReactElement {
  return (
    <ul aria-label="Colours" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2 max-sm:hidden">
      {BAR_TONES.toReversed().map((tone) => {
        const count = bars.reduce((sum, { counts }) => sum + (counts[tone] ?? 0), 0)
        return count === 0 ? null : (
          <li key={tone}>
            <span data-hint={TONES[tone].meaning} className="flex items-center gap-1.5">
              <span aria-hidden className="size-2.5 rounded-[2px]" style={{ background: colorOf(tone) }} />
              <span className="capitalize">{tone}</span>
              <span className="tabular text-ink-3">{number(count)}</span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}
