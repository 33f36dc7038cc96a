// Words beside what is pointed at, or has the focus. An element carries them as `data-hint`: thousands of them cost nothing until one is
// pointed at.
import { computePosition, flip, offset, shift } from '@floating-ui/dom'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { ReactElement } from 'react'

const AFTER_MS = 300
/** Who has just read one reads the next at once. */
const FOLLOWS_WITHIN_MS = 400
/** Long enough to go from the element to its words, which may be read for as long as the pointer is on them. */
const LEAVES_AFTER_MS = 120
const ID = 'hint'

interface Shown {
  readonly of: HTMLElement
  readonly text: string
}

/** Shows the words of whatever element carries some, one at a time. */
export function Hints(): ReactElement | null {
  const [shown, setShown] = useState<Shown>()
  const layer = useRef<HTMLDivElement>(null)
  useEffect(() => follow(setShown), [])
  useLayoutEffect(() => {
    const element = layer.current
    if (shown === undefined || element === null) return
    // Said by a screen reader too, unless the element is called so anyway.
    const isName = shown.of.getAttribute('aria-label') === shown.text
    if (!isName) shown.of.setAttribute('aria-describedby', ID)
    void computePosition(shown.of, element, {
      strategy: 'fixed',
      placement: 'top',
      middleware: [offset(6), flip({ padding: 8 }), shift({ padding: 8 })],
    }).then(({ x, y }) => Object.assign(element.style, { left: `${x}px`, top: `${y}px`, visibility: 'visible' }))
    return () => {
      if (!isName) shown.of.removeAttribute('aria-describedby')
    }
  }, [shown])
  if (shown === undefined) return null
  return (
    <div
      ref={layer}
      id={ID}
      role="tooltip"
      className="invisible fixed top-0 left-0 z-50 w-max max-w-80 rounded-md bg-ink px-2 py-1 text-xs break-words text-ground shadow-raised"
    >
      {shown.text}
    </div>
  )
}

/** Until the returned function is called. */
function follow(show: (shown: Shown | undefined) => void): () => void {
  const stop = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  let current: HTMLElement | undefined
  let leftAt = Number.NEGATIVE_INFINITY

  const open = (of: HTMLElement): void => {
    current = of
    show({ of, text: of.dataset['hint'] ?? '' })
  }
  const close = (): void => {
    clearTimeout(timer)
    if (current !== undefined) leftAt = performance.now()
    current = undefined
    show(undefined)
  }
  const near = ({ target }: Event): void => {
    if (!(target instanceof Element) || target.closest(`#${ID}`) !== null) return clearTimeout(timer)
    const of = target.closest<HTMLElement>('[data-hint]')
    if (of !== null && of === current) return clearTimeout(timer)
    clearTimeout(timer)
    if (of === null) {
      if (current !== undefined) timer = setTimeout(close, LEAVES_AFTER_MS)
      return
    }
    if (!of.dataset['hint']) return
    const isNext = current !== undefined || performance.now() - leftAt < FOLLOWS_WITHIN_MS
    timer = setTimeout(() => (of.isConnected ? open(of) : close()), isNext ? 0 : AFTER_MS)
  }

  const { signal } = stop
  const on = { signal, capture: true, passive: true }
  document.addEventListener('pointerover', (event) => (event.pointerType === 'touch' ? undefined : near(event)), on)
  document.documentElement.addEventListener('pointerleave', close, on)
  document.addEventListener('pointerdown', close, on)
  document.addEventListener('focusin', (event) => ((event.target as Element).matches(':focus-visible') ? near(event) : undefined), on) // of the document
  document.addEventListener('focusout', close, on)
  document.addEventListener('scroll', close, on)
  document.addEventListener('keydown', ({ key }) => (key === 'Escape' ? close() : undefined), on)
  return () => {
    clearTimeout(timer)
    stop.abort()
  }
}
