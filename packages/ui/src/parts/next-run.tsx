import type { ReactElement } from 'react'
import { textColorOf } from '../states.ts'
import { Ago, useNow } from './time-text.tsx'

/** Who claims runs looks every few seconds. */
const LATE_MS = 15_000

/** When the next run is due; one that should have begun stands out. */
export function NextRun({ at }: { readonly at: string | undefined }): ReactElement {
  const now = useNow()
  const isLate = at !== undefined && Date.parse(at) < now - LATE_MS
  return (
    <span {...(isLate ? { style: { color: textColorOf('late') } } : undefined)}>
      {isLate && <>due </>}
      <Ago at={at} />
    </span>
  )
}
