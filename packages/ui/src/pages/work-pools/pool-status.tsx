import { CirclePause, PlugZap, Unplug } from 'lucide-react'
import type { ReactElement } from 'react'

const STATUSES = {
  READY: { icon: PlugZap, word: 'Ready', colour: 'completed', meaning: 'A worker asks for its runs.' },
  NOT_READY: { icon: Unplug, word: 'Not ready', colour: 'late', meaning: 'No worker asks for its runs: they wait.' },
  PAUSED: { icon: CirclePause, word: 'Paused', colour: 'paused', meaning: 'Nothing new starts until it is resumed.' },
} as const

export type Status = keyof typeof STATUSES

export function PoolStatus({ status }: { readonly status: Status | null }): ReactElement {
  const { icon: Icon, word, colour, meaning } = STATUSES[status ?? 'NOT_READY']
  return (
    <span
      data-hint={meaning}
      className="inline-flex items-center gap-1.5 align-middle text-xs font-medium whitespace-nowrap"
      style={{ color: `var(--state-${colour}-text)` }}
    >
      <Icon aria-hidden className="size-3.5 shrink-0" />
      {word}
    </span>
  )
}
