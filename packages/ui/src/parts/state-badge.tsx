import type { ReactElement } from 'react'
import { colorOf, textColorOf, toneOf, TONES } from '../states.ts'
import type { Tone } from '../states.ts'

export interface StateProps {
  readonly type: string | null | undefined
  readonly name?: string | null | undefined
}

/** Icon and word. */
export function StateBadge({ type, name }: StateProps): ReactElement {
  return <ToneBadge tone={toneOf(type, name)}>{name ?? titled(type ?? 'pending')}</ToneBadge>
}

export function ToneBadge({ tone, children }: { readonly tone: Tone; readonly children: string }): ReactElement {
  return (
    <span
      className="inline-flex h-6 max-w-full items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap"
      style={{ color: textColorOf(tone), background: `color-mix(in oklch, ${colorOf(tone)} 13%, transparent)` }}
    >
      <ToneIcon tone={tone} />
      <span className="truncate">{children}</span>
    </span>
  )
}

/** The icon alone, where many are seen at once; its word is said to who does not see it. */
export function StateIcon({ type, name, size = 'size-4' }: StateProps & { readonly size?: string }): ReactElement {
  return <ToneMark tone={toneOf(type, name)} word={name ?? titled(type ?? 'pending')} size={size} />
}

export function ToneMark({
  tone,
  word,
  size = 'size-4',
}: {
  readonly tone: Tone
  readonly word: string
  readonly size?: string
}): ReactElement {
  return (
    <span
      data-hint={`${word}: ${TONES[tone].meaning}`}
      role="img"
      aria-label={word}
      className="inline-flex"
      style={{ color: textColorOf(tone) }}
    >
      <ToneIcon tone={tone} size={size} />
    </span>
  )
}

export function ToneIcon({ tone, size = 'size-3.5' }: { readonly tone: Tone; readonly size?: string }): ReactElement {
  const { icon: Icon } = TONES[tone]
  return (
    <Icon
      aria-hidden
      strokeWidth={2.25}
      className={`${size} shrink-0 ${tone === 'running' ? 'animate-[turn_1.6s_linear_infinite]' : ''}`}
    />
  )
}

function titled(type: string): string {
  return type.charAt(0) + type.slice(1).toLowerCase()
}
