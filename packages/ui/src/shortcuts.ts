import { useEffect, useRef } from 'react'

/** Keys, or two after each other: `g r`. */
export type Shortcuts = Readonly<Record<string, (() => void) | undefined>>

const SEQUENCE_MS = 900

const holders: { readonly current: Shortcuts }[] = []
let first: { readonly key: string; readonly at: number } | undefined

/** What keys do as long as the part is shown; the part that came last has the first word. Typing into a field is no shortcut. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const holder = useRef(shortcuts)
  useEffect(() => {
    holder.current = shortcuts
  })
  useEffect(() => {
    holders.push(holder)
    if (holders.length === 1) addEventListener('keydown', onKeyDown)
    return () => {
      holders.splice(holders.indexOf(holder), 1)
      if (holders.length === 0) removeEventListener('keydown', onKeyDown)
    }
  }, [])
}

function onKeyDown(event: KeyboardEvent): void {
  const target = event.target as HTMLElement
  if (event.defaultPrevented || event.altKey) return
  const isModified = event.metaKey || event.ctrlKey
  if (!isModified && (target.closest('input, textarea, select, [contenteditable], [role=menu], [role=listbox]') !== null || isInDialog()))
    return
  const key = isModified ? `mod+${event.key.toLowerCase()}` : event.key
  const sequence = first !== undefined && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${key}` : undefined
  first = undefined
  for (const name of sequence === undefined ? [key] : [sequence, key]) {
    const run = holders.map(({ current }) => current[name]).findLast((each) => each !== undefined)
    if (run === undefined) continue
    event.preventDefault()
    return run()
  }
  if (!isModified && holders.some(({ current }) => Object.keys(current).some((each) => each.startsWith(`${key} `))))
    first = { key, at: event.timeStamp }
}

function isInDialog(): boolean {
  return document.querySelector('[role=dialog]') !== null
}
