import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'

/** How wide an element is, in pixels, as long as it is shown. */
export function useWidth<Element extends HTMLElement>(): readonly [RefObject<Element | null>, number] {
  const element = useRef<Element>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const { current } = element
    if (current === null) return
    setWidth(current.clientWidth)
    const observer = new ResizeObserver(() => setWidth(current.clientWidth))
    observer.observe(current)
    return () => observer.disconnect()
  }, [])
  return [element, width]
}

/** How far the clocks of a zone are ahead of UTC at a moment. */
export function zoneOffsetMs(at: number, zone: string | undefined): number {
  if (zone === undefined) return -new Date(at).getTimezoneOffset() * 60_000
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
    .formatToParts(at)
    .map(({ type, value }) => [type, Number(value)] as const)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = Object.fromEntries(parts) as Readonly<Record<string, number>>
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(at / 60_000) * 60_000
}
