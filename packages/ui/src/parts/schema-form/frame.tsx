import { RotateCcw } from 'lucide-react'
import { useId } from 'react'
import type { FocusEvent, ReactElement, ReactNode } from 'react'
import { IconButton } from '../button.tsx'
import { Switch } from '../field.tsx'
import { useForm } from './form-context.ts'
import { shown } from './schema.ts'

export interface Ids {
  readonly id: string
  readonly 'aria-describedby': string
  readonly 'aria-invalid': boolean
  readonly 'aria-required': boolean
}

export interface FrameProps {
  readonly pointer: string
  readonly label: string
  /** The name that code uses, where the label is another. */
  readonly name?: string | undefined
  readonly about?: ReactNode
  readonly error: string | undefined
  readonly isRequired: boolean
  /** Said, not shown: the place says it already. */
  readonly isLabelHidden?: boolean
  /** Several controls under one name. */
  readonly isGroup?: boolean
  readonly nullSwitch?: { readonly isNull: boolean; readonly onChange: (isNull: boolean) => void } | undefined
  readonly onReset?: (() => void) | undefined
  /** Taken where nothing is given. */
  readonly fallback?: unknown
  readonly isFallback: boolean
  readonly children: (ids: Ids) => ReactNode
}

/** A name, its marks, what is typed, what it is for, and what is wrong with it. */
export function Frame({
  pointer,
  label,
  name,
  about,
  error,
  isRequired,
  isLabelHidden = false,
  isGroup = false,
  nullSwitch,
  onReset,
  fallback,
  isFallback,
  children,
}: FrameProps): ReactElement {
  const { touch } = useForm()
  const id = useId()
  const onBlur = ({ relatedTarget }: FocusEvent): void => {
    // Its own list of choices has opened.
    if (relatedTarget instanceof Element && relatedTarget.closest('[role=listbox]') !== null) return
    touch(pointer)
  }
  const words = (
    <>
      {label}
      {isRequired && (
        <span aria-hidden className="text-danger">
          {' '}
          *
        </span>
      )}
      {name !== undefined && <code className="ml-2 font-mono text-2xs font-normal text-ink-3">{name}</code>}
    </>
  )
  return (
    <div
      data-field={pointer}
      className="flex min-w-0 flex-col gap-1"
      onBlur={onBlur}
      {...(isGroup ? { role: 'group', 'aria-labelledby': `${id}-label`, 'aria-describedby': `${id}-note` } : undefined)}
    >
      {isLabelHidden && nullSwitch === undefined ? (
        <label htmlFor={isGroup ? undefined : id} id={`${id}-label`} className="sr-only">
          {label}
        </label>
      ) : (
        <div className="flex min-h-6 items-center justify-between gap-3">
          {isGroup ? (
            <span id={`${id}-label`} className={isLabelHidden ? 'sr-only' : 'min-w-0 text-sm font-medium break-words'}>
              {words}
            </span>
          ) : (
            <label htmlFor={id} id={`${id}-label`} className={isLabelHidden ? 'sr-only' : 'min-w-0 text-sm font-medium break-words'}>
              {words}
            </label>
          )}
          <span className="flex shrink-0 items-center gap-2 text-2xs text-ink-3">
            {isFallback && fallback !== undefined && fallback !== null && <span>default</span>}
            {onReset !== undefined && (
              <IconButton
                size="small"
                icon={RotateCcw}
                label={fallback === undefined ? 'Leave it out' : `Back to the default: ${shown(fallback)}`}
                onClick={onReset}
              />
            )}
            {nullSwitch !== undefined && (
              <span className="flex items-center gap-1.5">
                <span aria-hidden className="font-mono">
                  null
                </span>
                <Switch label={`${label} is null`} isOn={nullSwitch.isNull} onChange={nullSwitch.onChange} />
              </span>
            )}
          </span>
        </div>
      )}
      {children({ id, 'aria-describedby': `${id}-note`, 'aria-invalid': error !== undefined, 'aria-required': isRequired })}
      <div id={`${id}-note`} className="text-xs empty:hidden">
        {error !== undefined ? <p className="text-danger">{error}</p> : about}
      </div>
    </div>
  )
}
