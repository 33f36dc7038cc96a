import { CircleAlert, Info, X } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import type { ReactElement } from 'react'
import { fixOf, messageOf } from '../errors.ts'
import { Button, IconButton } from './button.tsx'

/** A line that is shown for a while, above everything else. */
interface Toast {
  readonly id: number
  readonly tone: 'info' | 'failure'
  readonly text: string
  readonly detail?: string
  /** What can be done about it, as long as it is shown. */
  readonly action?: { readonly label: string; readonly run: () => void }
}

const SHOWN_MS = 6_000
const SHOWN_MAX = 4

let toasts: readonly Toast[] = []
let nextId = 1
const listeners = new Set<() => void>()

function set(next: readonly Toast[]): void {
  toasts = next
  for (const listener of listeners) listener()
}

/** The returned function takes it away. */
export function tell(toast: Omit<Toast, 'id'>, shownMs = SHOWN_MS): () => void {
  const id = nextId++
  set([...toasts.slice(-(SHOWN_MAX - 1)), { ...toast, id }])
  const dismiss = (): void => set(toasts.filter((each) => each.id !== id))
  setTimeout(dismiss, shownMs)
  return dismiss
}

export function tellFailure(error: unknown): void {
  const fix = fixOf(error)
  tell({ tone: 'failure', text: messageOf(error), ...(fix === undefined ? undefined : { detail: fix }) }, 12_000)
}

const UNDO_MS = 6_000

/** Does it only when nobody takes it back in time: what is not done yet needs no undoing. Leaving the page does it at once. */
export function tellUndoable(text: string, work: () => void, onUndo?: () => void): void {
  let isSettled = false
  const settle = (isWanted: boolean): void => {
    if (isSettled) return
    isSettled = true
    clearTimeout(timer)
    removeEventListener('pagehide', onLeave)
    dismiss()
    if (isWanted) work()
    else onUndo?.()
  }
  const onLeave = (): void => settle(true)
  const timer = setTimeout(() => settle(true), UNDO_MS)
  addEventListener('pagehide', onLeave)
  const dismiss = tell({ tone: 'info', text, action: { label: 'Undo', run: () => settle(false) } }, UNDO_MS + 500)
}

export function Toasts(): ReactElement {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => toasts,
  )
  return (
    <div role="status" aria-live="polite" className="pointer-events-none fixed inset-x-3 bottom-3 z-50 flex flex-col items-end gap-2">
      {shown.map((toast) => (
        <div
          key={toast.id}
          className="pointer-events-auto flex w-full max-w-md animate-[appear_150ms_ease-out] items-start gap-3 rounded-lg border border-line bg-surface p-3 shadow-raised"
        >
          {toast.tone === 'failure' ? (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
          ) : (
            <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-accent-text" />
          )}
          <div className="min-w-0 flex-1 text-sm">
            <p className="break-words text-ink">{toast.text}</p>
            {toast.detail !== undefined && <p className="mt-0.5 break-words text-ink-2">{toast.detail}</p>}
          </div>
          {toast.action !== undefined && (
            <Button size="small" onClick={toast.action.run}>
              {toast.action.label}
            </Button>
          )}
          <IconButton label="Dismiss" icon={X} size="small" onClick={() => set(toasts.filter((each) => each.id !== toast.id))} />
        </div>
      ))}
    </div>
  )
}
