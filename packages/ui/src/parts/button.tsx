import type { LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactElement } from 'react'

const BASE =
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors select-none disabled:opacity-50'

const LOOKS = {
  primary: 'bg-accent text-accent-ink hover:brightness-110 border border-transparent',
  ordinary: 'border border-line-strong bg-surface text-ink hover:bg-hover',
  quiet: 'border border-transparent text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'border border-danger/40 bg-surface text-danger hover:bg-danger-soft',
} as const

const SIZES = { small: 'h-7 px-2 text-xs', ordinary: 'h-8 px-3 text-sm' } as const
const SQUARES = { small: 'size-7', ordinary: 'size-8' } as const

export interface ButtonProps extends Omit<ComponentProps<'button'>, 'className'> {
  readonly look?: keyof typeof LOOKS
  readonly size?: keyof typeof SIZES
  readonly icon?: LucideIcon
  /** It is being done: nobody can ask for it again. */
  readonly isBusy?: boolean
}

export function buttonClass(look: keyof typeof LOOKS = 'ordinary', size: keyof typeof SIZES = 'ordinary'): string {
  return `${BASE} ${LOOKS[look]} ${SIZES[size]}`
}

export function Button({ look = 'ordinary', size = 'ordinary', icon: Icon, isBusy = false, children, ...rest }: ButtonProps): ReactElement {
  return (
    <button type="button" {...rest} disabled={rest.disabled === true || isBusy} className={buttonClass(look, size)}>
      {Icon !== undefined && <Icon aria-hidden className={`size-3.5 ${isBusy ? 'animate-[turn_1s_linear_infinite]' : ''}`} />}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'className' | 'aria-label'> {
  /** Said to who does not see the icon, and shown beside it. */
  readonly label: string
  readonly icon: LucideIcon
  readonly look?: keyof typeof LOOKS
  readonly size?: keyof typeof SQUARES
}

export function IconButton({ label, icon: Icon, look = 'quiet', size = 'ordinary', ...rest }: IconButtonProps): ReactElement {
  return (
    <button data-hint={label} type="button" {...rest} aria-label={label} className={`${BASE} ${LOOKS[look]} ${SQUARES[size]}`}>
      <Icon aria-hidden className="size-4" />
    </button>
  )
}
