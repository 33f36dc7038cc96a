import { useRef } from 'react'
import type { CSSProperties, KeyboardEvent, PointerEvent, ReactElement, ReactNode } from 'react'

const MIN = 0.2
const MAX = 0.8
const STEP = 0.04

/** Two parts beside each other with a divider that can be moved; below each other where there is no room. */
export function Split({
  first,
  second,
  share,
  onShare,
  label,
}: {
  readonly first: ReactNode
  readonly second: ReactNode
  /** Of the width, for the first; from 0 to 1. */
  readonly share: number
  readonly onShare: (share: number) => void
  /** What the divider divides, for who does not see it. */
  readonly label: string
}): ReactElement {
  const frame = useRef<HTMLDivElement>(null)
  const move = (to: number): void => onShare(Math.min(MAX, Math.max(MIN, to)))
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const box = frame.current?.getBoundingClientRect()
    if (box === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    move((event.clientX - box.left) / box.width)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowLeft') move(share - STEP)
    else if (event.key === 'ArrowRight') move(share + STEP)
    else if (event.key === 'Home') move(MIN)
    else if (event.key === 'End') move(MAX)
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={frame}
      className="flex min-h-0 flex-1 flex-col gap-4 lg:min-h-[26rem] lg:flex-row lg:gap-0"
      style={{ '--share': `${share * 100}%` } as CSSProperties} // a property of our own
    >
      <div className="flex h-96 min-w-0 shrink-0 flex-col lg:h-auto lg:w-(--share)">{first}</div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={MIN * 100}
        aria-valuemax={MAX * 100}
        tabIndex={0}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onDoubleClick={() => move(0.5)}
        onKeyDown={onKeyDown}
        className="group hidden w-4 shrink-0 cursor-col-resize touch-none place-items-center rounded-sm lg:grid"
      >
        <span aria-hidden className="h-10 w-1 rounded-full bg-line-strong transition-colors group-hover:bg-accent" />
      </div>
      <div className="flex h-[36rem] min-w-0 shrink-0 flex-col lg:h-auto lg:shrink lg:flex-1">{second}</div>
    </div>
  )
}
